"""What a partnership runs: tasking, patrols, Clear-Hold-Build, orders, Protect, wards."""
