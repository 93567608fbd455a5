// Settings of jemalloc for our daemons; compiled into each binary that links it.
// A process is a few shards that allocate for themselves: two arenas serve them, and each further
// one would hold pages.

extern "C" {
// The name is jemalloc's. Source: jemalloc(3), TUNING.
extern const char* malloc_conf;
const char* malloc_conf = "narenas:2";
}
