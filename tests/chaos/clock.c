/* Adds an offset to the wall clock of one process: LD_PRELOAD this, with CHAOS_CLOCK=FILE.
 * The file holds microseconds, as one 64-bit integer; whoever writes to it moves the clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offset;
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("CHAOS_CLOCK");
    int file = path ? open(path, O_RDONLY) : -1;
    if (file < 0) return;
    void *map = mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED) offset = map;
}

int clock_gettime(clockid_t clock, struct timespec *at) {
    if (!real_gettime) begin();
    int answer = real_gettime(clock, at);
    if (answer == 0 && offset && clock == CLOCK_REALTIME) {
        int64_t micros = *offset + at->tv_nsec / 1000;
        int64_t nanos = at->tv_nsec % 1000;
        int64_t seconds = micros / 1000000;
        micros %= 1000000;
        if (micros < 0) { micros += 1000000; seconds -= 1; }
        at->tv_sec += seconds;
        at->tv_nsec = micros * 1000 + nanos;
    }
    return answer;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone) {
    (void)zone;
    struct timespec exact;
    int answer = clock_gettime(CLOCK_REALTIME, &exact);
    at->tv_sec = exact.tv_sec;
    at->tv_usec = exact.tv_nsec / 1000;
    return answer;
}

time_t time(time_t *at) {
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (at) *at = exact.tv_sec;
    return exact.tv_sec;
}
