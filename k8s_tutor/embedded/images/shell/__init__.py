"""A small POSIX shell, as BusyBox has one: enough for the commands of lessons and of ordinary manifests.

Lists, pipelines, `&&` and `||`, redirections, here-documents, if, while, until, for, case, functions, subshells,
parameters with their usual operators, command substitution, arithmetic, trap, background jobs and wait.
Not simulated, and said so where met: job control, aliases, arrays, process substitution, file descriptors above 2.
"""
