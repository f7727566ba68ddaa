"""The services, one file each: functions of the desk and of the centre's tables alone."""
