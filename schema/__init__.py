"""The GraphQL side: how a request comes in, and types, queries, mutations and subscriptions per topic.

Resolvers translate and flows decide: a resolver unpacks its input, calls one flow and wraps the result.
What an installation serves comes from :func:`schema.transport.graphql_routes`.
"""
