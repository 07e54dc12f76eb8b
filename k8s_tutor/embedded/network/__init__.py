"""The simulated network: addresses, names, Services and who answers a request, with a trace of every hop.

Law: reads Services and EndpointSlices from the store and writes nothing. Every choice comes from the seed.
"""
