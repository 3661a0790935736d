#include "probe/process_tree.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/raii.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::probe {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What a little-endian machine writes.
constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4711 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4712 1 0000000000000000 20 4 30 10 -1\n"
    "   2: 0200007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4713 1 0000000000000000 100 0 0 10 0\n"
    "   3: 00000000:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4714 1 0000000000000000 100 0 0 10 0\n";
constexpr const char* kTable6 =
    "   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 4811 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 4812 1 0000000000000000 100 0 0 10 0\n"
    "   2: 00000000000000000000000001000000:1F92 00000000000000000000000000000000:0000 0A "
    "00000000:00000000 00:00000000 00000000     0        0 4813 1 0000000000000000 100 0 0 10 0\n";

TEST(RunDelayTest, IsThatOfTheThreadsThatAreThereAtTheEnd) {
  const auto delay = run_delay_between({{1, 0.5}, {2, 1}}, {{1, 0.75}, {3, 0.25}});
  EXPECT_EQ(delay, 0.5) << "a thread that has ended is left out, a new one counts from 0";
  EXPECT_FALSE(run_delay_between({{1, 0.5}}, {})) << "the kernel does not tell";
}

TEST(RunDelayTest, IsKnownOfEachThread) {
  const RunDelays delays = tree_run_delays(::getpid());
  if (delays.empty()) GTEST_SKIP() << "the kernel does not tell";
  EXPECT_TRUE(delays.contains(::getpid()));
  EXPECT_GE(delays.at(::getpid()), 0);
}

TEST(ListenerTest, FindsTheSocketsThatTakeConnectionsToLoopback) {
  if (htonl(1) == 1) GTEST_SKIP() << "the tables are those of a little-endian machine";
  EXPECT_THAT(listening_sockets(kTable, 8080), ElementsAre(4711));
  EXPECT_THAT(listening_sockets(kTable, 8081), ElementsAre(4714));
  EXPECT_THAT(listening_sockets(kTable, 8082), IsEmpty());
  EXPECT_THAT(listening_sockets(kTable6, 8080), ElementsAre(4811));
  EXPECT_THAT(listening_sockets(kTable6, 8081), ElementsAre(4812));
  EXPECT_THAT(listening_sockets(kTable6, 8082), IsEmpty());  // ::1 alone
  EXPECT_THAT(listening_sockets("", 8080), IsEmpty());
  EXPECT_THAT(listening_sockets("0: 1F90 0A\n:::\n", 8080), IsEmpty());
}

/// A socket that listens on a port of the kernel's choice.
class OpenPort {
 public:
  OpenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_.get(), 1), 0);
    socklen_t length = sizeof address;
    EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length), 0);
    port_ = ntohs(address.sin_port);
  }
  void close() { socket_.reset(); }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  base::UniqueFd socket_;
  std::uint16_t port_ = 0;
};

TEST(ListenerTest, ASocketOfTheTreeIsSeen) {
  const OpenPort open;
  EXPECT_EQ(why_unseen(open.port(), ::getpid()), "");
}

/// A process that holds none of our sockets. It lives as long as this object.
class Stranger {
 public:
  Stranger() : pid_(::fork()) {
    EXPECT_GE(pid_, 0);
    if (pid_ != 0) return;
    ::close_range(0, ~0U, 0);
    for (;;) ::pause();
  }
  Stranger(const Stranger&) = delete;
  Stranger& operator=(const Stranger&) = delete;
  ~Stranger() {
    end();
    ::waitpid(pid_, nullptr, 0);
  }
  /// Leaves a zombie.
  void end() const {
    siginfo_t info{};
    ::kill(pid_, SIGKILL);
    ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT);
  }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

TEST(ListenerTest, ASocketOfSomebodyElseIsNot) {
  const Stranger stranger;
  const OpenPort open;  // later, so that the stranger has never had it
  EXPECT_THAT(why_unseen(open.port(), stranger.pid()), HasSubstr("run by somebody else"));
  stranger.end();
  EXPECT_THAT(why_unseen(open.port(), stranger.pid()), HasSubstr("run by somebody else"));
}

TEST(ListenerTest, APortWithoutASocketIsElsewhere) {
  OpenPort open;
  open.close();
  EXPECT_THAT(why_unseen(open.port(), ::getpid()), HasSubstr("another network namespace"));
}

TEST(ListenerTest, AProcessThatMayNotBeLookedIntoIsNotJudged) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can look as somebody else";
  const Stranger stranger;
  const OpenPort open;
  constexpr uid_t kNobody = 65534;
  ::setfsuid(kNobody);
  const std::string why = why_unseen(open.port(), stranger.pid());
  ::setfsuid(::geteuid());
  EXPECT_THAT(why, HasSubstr("may not be looked into"));
}

TEST(ListenerTest, FindsTheUnixSocketsThatTakeConnections) {
  constexpr const char* kUnix =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4711 /tmp/a b.sock\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 4712 /tmp/a b.sock\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 4713 /tmp/a\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 4714\n";
  EXPECT_THAT(listening_unix_sockets(kUnix, "/tmp/a b.sock"), ElementsAre(4711));
  EXPECT_THAT(listening_unix_sockets(kUnix, "/tmp/a"), ElementsAre(4713));
  EXPECT_THAT(listening_unix_sockets(kUnix, "/tmp"), IsEmpty());
}

TEST(ListenerTest, SeesWhoHoldsAUnixSocket) {
  const Stranger stranger;
  const base::TemporaryFolder folder;
  const std::string path = folder / "socket";
  const base::UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  EXPECT_EQ(why_unseen(path, ::getpid()), "");
  EXPECT_THAT(why_unseen(path, stranger.pid()), HasSubstr("run by somebody else"));
  EXPECT_THAT(why_unseen("/tmp/nobody.sock", ::getpid()), HasSubstr("cannot be told"));
}

}  // namespace
}  // namespace poolbench::probe
