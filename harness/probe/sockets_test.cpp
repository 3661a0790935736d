#include "probe/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "base/raii.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::probe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
    "4711 1 0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4712 1 0000000000000000 20 4 30 10 -1\n"
    "   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 "
    "4713 1 0000000000000000 20 4 30 10 -1\n"
    "   3: 0100007F:1F90 0100007F:C351 01 00000000:00000000 00:00000000 00000000     0        0 "
    "0 1 0000000000000000 20 4 30 10 -1\n"
    "   4: 0100007F:1F90 0100007F:C352 06 00000000:00000000 03:00000000 00000000     0        0 "
    "0 3 0000000000000000\n";
constexpr const char* kTcp6 =
    "   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C353 01 "
    "00000000:00000000 00:00000000 00000000     0        0 4812 1 0000000000000000 20 4 30 10 -1\n";
constexpr const char* kUnix =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 501 /run/app server.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 502 /run/app server.sock\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 503\n"
    "0000000000000000: 00000003 00000000 00000000 0001 03 504 /run/app\n";

TEST(ConnectionsIn, AreThoseOfThePortThatAProcessHasAccepted) {
  EXPECT_THAT(connections_in(kTcp, {8080}), ElementsAre(4712));
  EXPECT_THAT(connections_in(kTcp, {8081}), IsEmpty());
  EXPECT_THAT(connections_in("", {8080}), IsEmpty());
}

TEST(ConnectionsIn, HoldIPv4sMappedAddresses) {
  EXPECT_THAT(connections_in(kTcp6, {8080}), ElementsAre(4812));
}

TEST(ConnectionsIn, OfAUnixSocketHaveItsPathAndItAlone) {
  EXPECT_THAT(connections_in(kUnix, {0, "/run/app server.sock"}), ElementsAre(502));
  EXPECT_THAT(connections_in(kUnix, {0, "/run/other.sock"}), IsEmpty());
}

TEST(TcpSockets, ReadsNoMoreThanThereIs) {
  EXPECT_EQ(tcp_sockets(kTcp).size(), 5U);
  EXPECT_THAT(tcp_sockets("0: 0100007F:1F90 01\n:::\n\n"), IsEmpty());
}

/// A server that forks children, each of which accepts connections and says nothing.
class PreforkTest : public testing::Test {
 protected:
  ~PreforkTest() override {
    for (const pid_t child : children_) {
      ::kill(child, SIGKILL);
      ::waitpid(child, nullptr, 0);
    }
  }

  template <typename Address>
  void listen_at(Address& address, int family) {
    listener_.reset(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    ASSERT_EQ(::bind(listener_.get(), generic, size), 0);
    ASSERT_EQ(::listen(listener_.get(), 8), 0);
    if (family == AF_INET) {
      ASSERT_EQ(::getsockname(listener_.get(), generic, &size), 0);
    }
  }
  void listen_on_tcp() {
    tcp_.sin_family = AF_INET;
    tcp_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_at(tcp_, AF_INET);
    server_ = {ntohs(tcp_.sin_port)};
  }
  void listen_on_unix_socket() {
    const std::string path = folder_ / "socket";
    unix_.sun_family = AF_UNIX;
    path.copy(unix_.sun_path, sizeof unix_.sun_path - 1);
    listen_at(unix_, AF_UNIX);
    server_ = {0, path};
  }
  /// A child that accepts one connection and keeps it; returns once it has.
  void accept_in_a_child() {
    int ready[2];
    ASSERT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    const base::UniqueFd reads(ready[0]), writes(ready[1]);
    clients_.emplace_back(::socket(server_.port != 0 ? AF_INET : AF_UNIX, SOCK_STREAM, 0));
    const int client = clients_.back().get();
    ASSERT_EQ(server_.port != 0
                  ? ::connect(client, reinterpret_cast<sockaddr*>(&tcp_), sizeof tcp_)
                  : ::connect(client, reinterpret_cast<sockaddr*>(&unix_), sizeof unix_),
              0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      [[maybe_unused]] const int kept = ::accept(listener_.get(), nullptr, nullptr);
      [[maybe_unused]] const auto told = ::write(writes.get(), "x", 1);
      for (;;) ::pause();
    }
    children_.push_back(child);
    char told = 0;
    ASSERT_EQ(::read(reads.get(), &told, 1), 1);
  }

  base::TemporaryFolder folder_;
  base::UniqueFd listener_;
  ListeningAt server_;
  std::vector<pid_t> children_;
  std::vector<base::UniqueFd> clients_;
  sockaddr_in tcp_{};
  sockaddr_un unix_{};
};

TEST_F(PreforkTest, EachChildThatHoldsAConnectionIsSeen) {
  listen_on_tcp();
  ConnectionHolders holders(::getpid(), server_);
  holders.look();
  EXPECT_THAT(holders.alive(), IsEmpty()) << "to listen is not to hold a connection";
  accept_in_a_child();
  accept_in_a_child();
  holders.look();
  EXPECT_THAT(holders.alive(), testing::UnorderedElementsAreArray(children_));
  EXPECT_EQ(holders.hidden(), 0);
}

TEST_F(PreforkTest, SoIsOneOfAUnixSocket) {
  listen_on_unix_socket();
  accept_in_a_child();
  ConnectionHolders holders(::getpid(), server_);
  holders.look();
  EXPECT_THAT(holders.alive(), testing::ElementsAreArray(children_));
}

TEST_F(PreforkTest, AChildThatHasEndedIsNoWorkerAnyMore) {
  listen_on_tcp();
  accept_in_a_child();
  ConnectionHolders holders(::getpid(), server_);
  holders.look();
  siginfo_t info{};
  ::kill(children_.front(), SIGKILL);
  ::waitid(P_PID, static_cast<id_t>(children_.front()), &info, WEXITED | WNOWAIT);
  EXPECT_THAT(holders.alive(), IsEmpty());
}

TEST_F(PreforkTest, AConnectionThatIsHandedOnCountsForTheChild) {
  listen_on_tcp();
  clients_.emplace_back(::socket(AF_INET, SOCK_STREAM, 0));
  ASSERT_EQ(::connect(clients_.back().get(), reinterpret_cast<sockaddr*>(&tcp_), sizeof tcp_), 0);
  base::UniqueFd accepted(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  ConnectionHolders holders(::getpid(), server_);
  holders.look();
  EXPECT_THAT(holders.alive(), ElementsAre(::getpid()));
  const pid_t child = ::fork();
  if (child == 0) {
    for (;;) ::pause();
  }
  children_.push_back(child);
  holders.look();
  EXPECT_THAT(holders.alive(), ElementsAre(child)) << "both hold it";
  accepted.reset();
  holders.look();
  EXPECT_THAT(holders.alive(), ElementsAre(child));
}

}  // namespace
}  // namespace poolbench::probe
