"""Jobs: the runner that claims, leases, retries and schedules. It knows no job by name."""
