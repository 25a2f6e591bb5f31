/* A tree of everything that a file system can hold and do.
 *   files base DIR     what the image has
 *   files change DIR   what a container makes of it: adds, changes, deletes, replaces
 *   files big DIR      a file of 9 GiB, nearly all of it a hole
 *   files many DIR N   N small files in folders of a thousand
 *   files equals DIR   a file with an attribute whose name has an "="
 *   files list DIR     a line for each entry: name, type, mode, owner, time, and content, target, device, links, holes and attributes */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define TRY(call) do { if ((call) < 0) { fprintf(stderr, "line %d: " #call ": %s\n", __LINE__, strerror(errno)); exit(1); } } while (0)

static void text_file(const char *path, const char *text) {
    int fd;
    TRY(fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
    TRY(write(fd, text, strlen(text)));
    TRY(close(fd));
}

static void set_time(const char *path, time_t seconds, long nanoseconds) {
    struct timespec times[2] = { { .tv_nsec = UTIME_OMIT }, { seconds, nanoseconds } };
    TRY(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status, (void)type, (void)at;
    TRY(remove(path));
    return 0;
}
static void remove_tree(const char *path) { TRY(nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS)); }

static int folder_time(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)at;
    if (type == FTW_DP)
        set_time(path, 1000000000 + (time_t)(status->st_mode & 07777), 123456789);
    return 0;
}

static void base(void) {
    static const char *folders[] = { "removed", "removed/below", "emptied", "emptied/below", "folder-to-file", "folder-to-link", "file-and-back", "same-folder", "untouched" };
    static const char *files[] = {
        "kept", "changed", "deleted", "deleted-\xff\xfe", "removed/a", "removed/below/b", "emptied/old", "emptied/both", "emptied/below/deep", "folder-to-file/a", "folder-to-link/a",
        "file-to-folder", "file-and-back/old", "same-folder/a", "mode-alone", "owner-alone", "time-alone", "linked", "grown", "moved", "untouched/a",
    };
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        TRY(mkdir(folders[i], 0755));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        text_file(files[i], files[i]);
    TRY(link("linked", "linked-too"));
    TRY(symlink("untouched", "link-to-folder"));
    TRY(symlink("kept", "link-changed"));
    TRY(symlink("kept", "link-deleted"));
}

static void replaced(void) {
    text_file("changed", "changed by the container");
    TRY(unlink("deleted"));
    TRY(unlink("deleted-\xff\xfe"));
    TRY(unlink("link-deleted"));
    remove_tree("removed");
    remove_tree("emptied"); /* made anew it is opaque in an overlay */
    TRY(mkdir("emptied", 0750));
    text_file("emptied/both", "new content");
    text_file("emptied/new", "new");
    remove_tree("folder-to-file");
    text_file("folder-to-file", "now a file");
    remove_tree("folder-to-link");
    TRY(symlink("untouched", "folder-to-link"));
    TRY(unlink("file-to-folder"));
    TRY(mkdir("file-to-folder", 0700));
    text_file("file-to-folder/a", "in what was a file");
    remove_tree("file-and-back");
    text_file("file-and-back", "a file for a moment");
    TRY(unlink("file-and-back"));
    TRY(mkdir("file-and-back", 0711));
    text_file("file-and-back/new", "new");
    TRY(unlink("link-to-folder"));
    TRY(mkdir("link-to-folder", 0755));
    text_file("link-to-folder/a", "in what was a link");
    TRY(unlink("link-changed"));
    TRY(symlink("changed", "link-changed"));
    TRY(rename("moved", "moved-here"));
    TRY(chmod("mode-alone", 0600));
    TRY(chown("owner-alone", 11, 22));
    set_time("time-alone", 987654321, 7);
    TRY(link("linked", "linked-by-container"));
    TRY(truncate("grown", 100));
    TRY(chmod("same-folder", 0700));
}

static void metadata(void) {
    static const struct { const char *name; mode_t mode; uid_t owner; gid_t group; } files[] = {
        { "setuid", 04755, 0, 0 }, { "setgid", 02755, 0, 33 }, { "no-mode", 0, 0, 0 }, { "all-mode", 07777, 65534, 65534 }, { "far-owner", 0640, 4000000000, 3000000000 },
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        text_file(files[i].name, files[i].name);
        TRY(chown(files[i].name, files[i].owner, files[i].group));
        TRY(chmod(files[i].name, files[i].mode));
    }
    TRY(mkdir("sticky", 0755));
    TRY(chown("sticky", 5, 6));
    TRY(chmod("sticky", 03777));
    text_file("time-nanoseconds", ""), set_time("time-nanoseconds", 1234567890, 987654321);
    text_file("time-before-1970", ""), set_time("time-before-1970", -86400, 500000000);
    text_file("time-2100", ""), set_time("time-2100", 4102444800, 1);
    TRY(symlink("nowhere", "link-dangling"));
    TRY(lchown("link-dangling", 7, 8));
    set_time("link-dangling", 1111111111, 111111111);
    TRY(symlink("/absolute/\xe9", "link-absolute"));
    char target[1001] = { 0 };
    memset(target, 't', 1000);
    TRY(symlink(target, "link-long"));
    TRY(mkfifo("fifo", 0622));
    TRY(mknod("char-device", S_IFCHR | 0660, makedev(1, 3)));
    TRY(mknod("block-device", S_IFBLK | 0640, makedev(259, 1048575)));
    TRY(mkdir("links", 0755));
    text_file("links/one", "one file of three names");
    TRY(link("links/one", "links/two"));
    TRY(link("links/one", "link-three"));
}

static void attributes(void) {
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    text_file("attributes", "attributes");
    TRY(setxattr("attributes", "user.text", "text", 4, 0));
    TRY(setxattr("attributes", "user.bytes", bytes, sizeof bytes, 0));
    TRY(setxattr("attributes", "user.empty", "", 0, 0));
    TRY(mkdir("attributes-of-folder", 0755));
    TRY(setxattr("attributes-of-folder", "user.bytes", bytes, sizeof bytes, 0));
    /* struct vfs_cap_data, version 2: cap_net_raw permitted and effective */
    static const uint32_t capability[] = { 0x02000001, 1 << 13, 0, 0, 0 };
    text_file("capability", "capability");
    TRY(chmod("capability", 0755));
    TRY(setxattr("capability", "security.capability", capability, sizeof capability, 0));
}

static void names(void) {
    char name[256] = { 0 };
    TRY(mkdir("names", 0755));
    TRY(chdir("names"));
    static const char *names[] = { "new\nline", "tab\t", "back\\slash", "\xff\xfe\x01", "gr\xc3\xbc\xc3\x9f", " space ", "-dash", "*", "\"quote\"", "percent%41", "equals=10", "..." };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        text_file(names[i], names[i]);
    text_file(memset(name, 'n', 255), "255");
    name[0] = '\xe9', name[100] = '\xff', name[254] = '\x02';
    text_file(name, "255, not UTF-8");
    memset(name, 0, sizeof name);
    memset(name, 'd', 60);
    for (int depth = 0; depth < 30; depth++) {
        TRY(mkdir(name, 0755));
        TRY(chdir(name));
        text_file("in", "long path");
    }
    for (int depth = 0; depth < 31; depth++)
        TRY(chdir(".."));
}

static void sparse(const char *path, off_t size) {
    int fd;
    TRY(fd = open(path, O_WRONLY | O_CREAT, 0644));
    TRY(pwrite(fd, "begins", 6, 0));
    TRY(pwrite(fd, "middle", 6, size / 2 + 3));
    TRY(ftruncate(fd, size));
    TRY(close(fd));
}

static void change(void) {
    replaced();
    metadata();
    attributes();
    names();
    sparse("sparse", 16 << 20);
    TRY(nftw(".", folder_time, 16, FTW_DEPTH | FTW_PHYS));
}

static void many(int count) {
    char path[64];
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%d", i / 1000);
        if (i % 1000 == 0)
            TRY(mkdir(path, 0755));
        snprintf(path, sizeof path, "%d/%d", i / 1000, i);
        text_file(path, path);
    }
}

/* --- list --- */

static void print_escaped(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c > ' ' && c < 127 && c != '\\')
            putchar(c);
        else
            printf("\\x%02x", c);
    }
}

/* Of what a reader sees, whether there are holes in it or zeros: blocks of nothing but zeros are passed over. */
static uint64_t content_hash(const char *path) {
    static char block[1 << 16], zeros[1 << 16];
    uint64_t hash = 0xcbf29ce484222325u;
    int fd;
    ssize_t length;
    TRY(fd = open(path, O_RDONLY));
    for (off_t at = lseek(fd, 0, SEEK_DATA); at >= 0; at = lseek(fd, at, SEEK_DATA)) {
        at &= ~(off_t)(sizeof block - 1);
        TRY(length = pread(fd, block, sizeof block, at));
        if (memcmp(block, zeros, (size_t)length) != 0) {
            hash = (hash ^ (uint64_t)at) * 0x100000001b3u;
            for (ssize_t i = 0; i < length; i++)
                hash = (hash ^ (unsigned char)block[i]) * 0x100000001b3u;
        }
        at += length;
        if (length == 0)
            break;
    }
    close(fd);
    return hash;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void print_attributes(const char *path) {
    char list[4096], value[4096], *names[64];
    ssize_t length = llistxattr(path, list, sizeof list);
    int count = 0;
    for (char *name = list; name < list + length && count < 64; name += strlen(name) + 1)
        names[count++] = name;
    qsort(names, (size_t)count, sizeof *names, by_text);
    for (int i = 0; i < count; i++) {
        length = lgetxattr(path, names[i], value, sizeof value);
        printf(" %s=", names[i]);
        for (ssize_t at = 0; at < length; at++)
            printf("%02x", (unsigned char)value[at]);
    }
}

static struct { ino_t inode; char *path; } *linked;
static size_t linked_count;

static const char *first_name(ino_t inode, const char *path) {
    for (size_t i = 0; i < linked_count; i++)
        if (linked[i].inode == inode)
            return linked[i].path;
    linked = realloc(linked, (linked_count + 1) * sizeof *linked);
    linked[linked_count].inode = inode;
    linked[linked_count++].path = strdup(path);
    return NULL;
}

/* Paths are relative to the working directory, which follows down: they may be longer than a system call takes. */
static void list(const char *prefix, const char *name) {
    struct stat status;
    size_t length = strlen(prefix) + strlen(name) + 2;
    char *path = malloc(length), *entries[1100], target[4096];
    snprintf(path, length, "%s%s%s", prefix, *prefix ? "/" : "", name);
    TRY(lstat(name, &status));
    print_escaped(path, strlen(path));
    printf(" %06o %u:%u", status.st_mode, status.st_uid, status.st_gid);
    printf(" %lld.%09ld", (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    if (S_ISREG(status.st_mode)) {
        printf(" size=%lld content=%016llx", (long long)status.st_size, (unsigned long long)content_hash(name));
        if (status.st_size >= 1 << 20)
            printf(" holes=%s", status.st_blocks * 512 < status.st_size / 2 ? "yes" : "no");
    } else if (S_ISLNK(status.st_mode)) {
        ssize_t read;
        TRY(read = readlink(name, target, sizeof target));
        printf(" target=");
        print_escaped(target, (size_t)read);
    } else if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) {
        printf(" device=%u:%u", major(status.st_rdev), minor(status.st_rdev));
    }
    if (!S_ISDIR(status.st_mode) && status.st_nlink > 1) {
        const char *first = first_name(status.st_ino, path);
        printf(" links=%lu", (unsigned long)status.st_nlink);
        if (first)
            printf(" same="), print_escaped(first, strlen(first));
    }
    print_attributes(name);
    putchar('\n');
    if (S_ISDIR(status.st_mode)) {
        int count = 0;
        DIR *folder = opendir(name);
        for (struct dirent *entry; folder && (entry = readdir(folder));)
            if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && count < 1100)
                entries[count++] = strdup(entry->d_name);
        qsort(entries, (size_t)count, sizeof *entries, by_text);
        TRY(chdir(name));
        for (int i = 0; i < count; i++)
            list(strcmp(path, ".") ? path : "", entries[i]), free(entries[i]);
        if (folder)
            TRY(fchdir(dirfd(folder)));
        TRY(chdir(strcmp(name, ".") ? ".." : "."));
        closedir(folder);
    }
    free(path);
}

int main(int argc, char **argv) {
    umask(0);
    if (argc < 3 || (mkdir(argv[2], 0755) && errno != EEXIST) || chdir(argv[2]))
        return 1;
    if (!strcmp(argv[1], "base"))
        base();
    else if (!strcmp(argv[1], "change"))
        change();
    else if (!strcmp(argv[1], "big")) {
        sparse("big", 9LL << 30);
        TRY(setxattr("big", "user.na=me", "equals", 6, 0));
    }
    else if (!strcmp(argv[1], "many") && argc > 3)
        many(atoi(argv[3]));
    else if (!strcmp(argv[1], "equals")) {
        text_file("equals", "equals");
        TRY(setxattr("equals", "user.na=me", "equals", 6, 0));
    } else if (!strcmp(argv[1], "list"))
        list("", ".");
    else
        return 1;
    return 0;
}
