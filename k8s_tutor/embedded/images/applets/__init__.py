"""BusyBox's commands, as far as lessons and ordinary manifests need them; output byte for byte as BusyBox 1.35 prints it."""
