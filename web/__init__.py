"""The built-in pages: plain HTML, CSS and ES modules, served as they are; they speak only GraphQL."""
