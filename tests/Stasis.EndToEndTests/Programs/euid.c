/* A library that has root pass for user 999, for a server that refuses to be root. */
#include <unistd.h>

uid_t getuid(void) { return 999; }
uid_t geteuid(void) { return 999; }
