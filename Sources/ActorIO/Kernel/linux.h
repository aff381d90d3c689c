/* What Glibc's overlay hides from Swift. No code is compiled here: declarations only.
   _GNU_SOURCE must stay undefined, or fd_set differs from Glibc's and debug builds refuse us. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>

int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
