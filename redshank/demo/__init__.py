"""A small invented town with a care provider in it, published on loopback to show the whole path."""
