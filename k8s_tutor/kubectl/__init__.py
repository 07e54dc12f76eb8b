"""kubectl from a notebook: the real one where it is installed, else a built-in subset that prints the same.

Law: both talk to the cluster the session is connected to, through our own kubeconfig or client, never the user's.
What the subset does not know it says, and how to get the real kubectl; it never pretends.
"""
