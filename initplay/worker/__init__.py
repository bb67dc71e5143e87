"""The other processes: here, beside `lab`, torch and lesson code are imported, and nowhere else.

Nobody imports this package but the process that `engine` starts. What comes out of it are frames of
`engine.wire`.
"""
