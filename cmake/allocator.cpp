/// How the programs that allocate with jemalloc want it: read by jemalloc before main.

/// One arena: one thread does nearly all the allocating, and each further arena costs idle memory. Freed pages go back to the
/// system after a tenth of a second, so that ten thousand runs that were packed do not leave their former size behind. Each
/// thread keeps few freed pieces for itself: twenty threads with the usual two hundred of each size held a megabyte, and a
/// durable step costs the same without.
const char* malloc_conf = "narenas:1,dirty_decay_ms:100,muzzy_decay_ms:0,tcache_nslots_small_max:12,tcache_nslots_large:2,lg_tcache_max:13";
