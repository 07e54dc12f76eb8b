"""HorizontalPodAutoscalers: measure, compare, and change the number of replicas with care."""
