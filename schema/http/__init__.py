"""How requests come in: the endpoint, the socket, reading, limits and origins."""
