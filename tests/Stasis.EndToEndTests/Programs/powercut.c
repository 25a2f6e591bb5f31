/* powercut FOLDER: the folder's file system forgets what is not on the disk, its own log included, and does nothing any more. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>

#define FS_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define NO_LOG_FLUSH 2

int main(int argc, char **argv)
{
    uint32_t how = NO_LOG_FLUSH;
    int folder = open(argv[argc - 1], O_RDONLY | O_DIRECTORY);

    if (folder < 0 || ioctl(folder, FS_IOC_SHUTDOWN, &how) != 0) {
        perror(argv[argc - 1]);
        return 1;
    }
    return 0;
}
