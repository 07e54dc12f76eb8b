"""BusyBox's commands, as far as lessons and ordinary manifests need them.

Law: what a command prints it prints as BusyBox 1.35 does; what it cannot do it says.
"""
