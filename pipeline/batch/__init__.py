"""Any number of pictures judged at once: on all cores of this machine, or on a Ray cluster.

`listing` says which pictures, `judging` what becomes of one, `parts` keeps what is finished so that
a kill costs little; `local` and `cluster` are the two engines, `running` the whole way, and
`results` opens what came out.
"""

import pyarrow

# Arrow's own allocator keeps what is freed: 36 MB more for 20,000 pictures than for 1,000.
pyarrow.set_memory_pool(pyarrow.system_memory_pool())
