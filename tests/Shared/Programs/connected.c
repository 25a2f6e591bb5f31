// Sockets of every kind with both ends in the container, and what lies in their queues. Prints "ready".
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MUST(call) do { if ((long)(call) < 0) { printf("%s: %s\n", #call, strerror(errno)); fflush(stdout); _exit(1); } } while (0)

static void set(int fd, int level, int option, int value) { MUST(setsockopt(fd, level, option, &value, sizeof value)); }

static void tcp(void) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(4444), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int listening = socket(AF_INET, SOCK_STREAM, 0), connected = socket(AF_INET, SOCK_STREAM, 0);
  set(listening, SOL_SOCKET, SO_REUSEADDR, 1);
  MUST(bind(listening, (void *)&address, sizeof address));
  MUST(listen(listening, 3));
  set(connected, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(connected, IPPROTO_TCP, TCP_KEEPIDLE, 100);
  set(connected, IPPROTO_TCP, TCP_NODELAY, 1);
  set(connected, IPPROTO_IP, IP_TOS, 8);
  struct linger linger = { 1, 5 };
  MUST(setsockopt(connected, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
  MUST(connect(connected, (void *)&address, sizeof address));
  int accepted = accept(listening, 0, 0);
  MUST(accepted);
  MUST(write(connected, "to the server", 13));
  MUST(write(accepted, "to the client", 13));
  struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons(4446), .sin6_addr = IN6ADDR_LOOPBACK_INIT };
  int listening6 = socket(AF_INET6, SOCK_STREAM, 0);
  if (listening6 >= 0 && bind(listening6, (void *)&six, sizeof six) == 0) listen(listening6, 2);
}

static void udp(void) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(5555), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int bound = socket(AF_INET, SOCK_DGRAM, 0), connected = socket(AF_INET, SOCK_DGRAM, 0);
  set(bound, SOL_SOCKET, SO_BROADCAST, 1);
  set(bound, SOL_SOCKET, SO_PRIORITY, 3);
  set(bound, IPPROTO_IP, IP_FREEBIND, 1);
  set(bound, IPPROTO_IP, IP_PKTINFO, 1);
  MUST(setsockopt(bound, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
  struct sock_filter all[] = { { 0x06, 0, 0, 0xffffffff } };
  struct sock_fprog program = { 1, all };
  MUST(setsockopt(bound, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
  MUST(bind(bound, (void *)&address, sizeof address));
  MUST(connect(connected, (void *)&address, sizeof address));
  int raw = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
  MUST(raw);
  set(raw, IPPROTO_IP, IP_HDRINCL, 1);
}

static void local(void) {
  MUST(chdir("/tmp"));
  struct sockaddr_un relative = { .sun_family = AF_UNIX, .sun_path = "relative" };
  struct sockaddr_un absolute = { .sun_family = AF_UNIX, .sun_path = "/tmp/absolute" };
  int listening = socket(AF_UNIX, SOCK_SEQPACKET, 0), connected = socket(AF_UNIX, SOCK_SEQPACKET, 0), pair[2];
  MUST(bind(listening, (void *)&absolute, sizeof absolute));
  MUST(listen(listening, 5));
  MUST(connect(connected, (void *)&absolute, sizeof absolute));
  MUST(accept(listening, 0, 0));
  MUST(write(connected, "queued", 6));
  int datagrams = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);
  MUST(bind(datagrams, (void *)&relative, sizeof relative));
  MUST(connect(sender, (void *)&relative, sizeof relative));
  MUST(send(sender, "datagram", 8, 0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  set(pair[1], SOL_SOCKET, SO_PASSCRED, 1);
  MUST(shutdown(pair[0], SHUT_WR));
  MUST(fcntl(pair[1], F_SETOWN, getpid()));
  MUST(fcntl(pair[1], F_SETSIG, SIGIO));
}

static void others(void) {
  int packets = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_LOOP));
  MUST(packets);
  struct packet_mreq all = { .mr_ifindex = if_nametoindex("lo"), .mr_type = PACKET_MR_ALLMULTI };
  MUST(setsockopt(packets, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all));
  set(packets, SOL_PACKET, PACKET_AUXDATA, 1);
  struct sockaddr_nl any = { .nl_family = AF_NETLINK };
  int link = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), events = socket(AF_NETLINK, SOCK_DGRAM, NETLINK_KOBJECT_UEVENT);
  MUST(bind(link, (void *)&any, sizeof any));
  any.nl_groups = 1;
  MUST(bind(events, (void *)&any, sizeof any));
  int ends[2];
  MUST(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
  MUST(write(ends[1], "nonblocking", 11));
  MUST(pipe(ends));
  MUST(fcntl(ends[0], F_SETPIPE_SZ, 1 << 13));
  MUST(write(ends[1], "stream", 6));
}

int main(void) {
  tcp();
  udp();
  local();
  others();
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
