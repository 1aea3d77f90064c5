"""Signed requests in bad weather: real loopback sockets, and a server that misbehaves on demand."""
