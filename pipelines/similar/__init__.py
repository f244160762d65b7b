"""Towns like one."""
