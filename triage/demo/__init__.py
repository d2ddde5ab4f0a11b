"""The demonstration day: real servers, stand-ins and a script, all on loopback."""
