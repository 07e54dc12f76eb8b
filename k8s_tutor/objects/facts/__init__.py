"""Facts read off a real API server, as compact data. Regenerate with `python -m k8s_tutor.objects.facts.generate`."""
