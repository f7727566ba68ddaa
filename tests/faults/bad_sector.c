/* A sector of one file that the disk does not give: BAD_SECTOR is "INODE FROM TO ERRNO", in octets. Reading any of it is
   that error; writing it, renaming and linking the file are as ever. Preloaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sets errno. */
static int is_bad(int descriptor, off64_t from, size_t length) {
    unsigned long inode;
    long long first, end;
    int error, bad;
    struct stat found;
    const char *said = getenv("BAD_SECTOR");
    if (said == NULL || sscanf(said, "%lu %lld %lld %d", &inode, &first, &end, &error) != 4)
        return 0;
    if (fstat(descriptor, &found) != 0 || found.st_ino != inode)
        return 0;
    bad = from < end && from + (off64_t)length > first;
    if (bad)
        errno = error;
    return bad;
}

ssize_t pread64(int descriptor, void *into, size_t length, off64_t from) {
    ssize_t (*real)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pread64");
    if (is_bad(descriptor, from, length))
        return -1;
    return real(descriptor, into, length, from);
}

ssize_t pread(int descriptor, void *into, size_t length, off_t from) { return pread64(descriptor, into, length, from); }

ssize_t read(int descriptor, void *into, size_t length) {
    ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
    off64_t at = lseek64(descriptor, 0, SEEK_CUR);
    if (at >= 0 && is_bad(descriptor, at, length))
        return -1;
    return real(descriptor, into, length);
}
