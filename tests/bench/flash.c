/* A disk whose every sync takes at least FLASH_SYNC nanoseconds: the real one, and what is left of the time. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long sync_takes;

__attribute__((constructor)) static void begin(void) {
    const char *given = getenv("FLASH_SYNC");
    sync_takes = given ? atol(given) : 0;
}

static int slowly(long call, int file) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += sync_takes;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    int failed = syscall(call, file);
    prctl(PR_SET_TIMERSLACK, 1); /* of this thread: it would else sleep 50 microseconds more */
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    return failed;
}

int fsync(int file) { return slowly(SYS_fsync, file); }

int fdatasync(int file) { return slowly(SYS_fdatasync, file); }
