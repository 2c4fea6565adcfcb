"""What a GraphQL document may be and weigh, before anything of it runs."""
