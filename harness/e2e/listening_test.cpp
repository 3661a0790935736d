// How a target listens: on a unix socket, with TLS, or since before the run.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <thread>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/time.h"
#include "e2e/fixture.h"
#include "process/interrupt.h"
#include "process/launch.h"
#include "process/supervisor.h"
#include "process/sweep.h"
#include "service/certificate.h"
#include "service/expired_certificate_fixture.h"

namespace poolbench::e2e {
namespace {

class ListeningTest : public E2eTest {
 protected:
  void SetUp() override {
    python_ = process::find_program("python3");
    if (python_.empty()) GTEST_SKIP() << "python3 is not installed";
  }

  [[nodiscard]] std::string server_words(const std::string& words) const {
    return fmt::format("[\"{}\", \"{}/harness/e2e/listening_server.py\", {}]", python_,
                       POOLBENCH_SOURCE_DIR, words);
  }
  /// A target with these lines in [serve], and a scenario of it; returns the scenario's file.
  [[nodiscard]] fs::path write_bench(const std::string& serve, const std::string& more = {}) const {
    fs::create_directories(folder_ / "web");
    std::ofstream(folder_ / "web" / "target.toml")
        << "schema = 2\nname = \"web\"\ndefault_endpoint = \"page\"\n[serve]\n"
        << serve << "\n[ready]\ntimeout = \"5s\"\n[endpoint.page]\npath = \"/\"\n"
        << "database = false\nexpect = { body = \"hello\" }\n";
    const fs::path scenario = folder_ / "web.toml";
    std::ofstream(scenario)
        << "schema = 1\nname = \"web\"\ntarget.use = \"./web\"\n"
        << "load = { connections = 2, warmup = \"50ms\", measure = \"300ms\" }\n"
        << "design.blocks = 1\n"
        << more << "\n";
    return scenario;
  }
  /// Trials must count, unless the machine was the reason.
  static void expect_answers(const base::Json& report) {
    for (const base::Json& cell : report.at("cells")) {
      for (const base::Json& trial : cell.at("trials")) {
        for (const auto& [error, count] : trial.at("requests").at("errors").items()) {
          EXPECT_EQ(count, 0) << error << trial.at("reasons");
        }
        EXPECT_GT(trial.at("requests").at("ok"), 0) << trial.at("reasons");
      }
    }
  }
  /// No file of the results holds a private key.
  void expect_no_key_kept() const {
    for (const auto& entry : fs::recursive_directory_iterator(results())) {
      if (!entry.is_regular_file()) continue;
      EXPECT_THAT(base::read_file(entry.path()).value_or(""), Not(HasSubstr("PRIVATE KEY")))
          << entry.path();
    }
  }

  std::string python_;
};

TEST_F(ListeningTest, AUnixSocketIsAskedForLocalhost) {
  const fs::path scenario =
      write_bench("listen = \"unix\"\ncommand = " +
                  server_words(R"("--socket", "{socket}", "--host", "localhost")"));
  Program program = run(scenario);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  ASSERT_EQ(report.at("outcome"), "completed") << program.err();
  expect_answers(report);
  const base::Json trial = report.at("cells").at(0).at("trials").at(0);
  EXPECT_GT(trial.at("cpu_seconds").at("target"), 0) << "whose socket it is was found";
}

TEST_F(ListeningTest, TlsIsVerifiedAllTheWayAndItsKeyIsGoneAfterwards) {
  const fs::path scenario = write_bench(
      "scheme = \"https\"\ncommand = " +
      server_words(R"("--port", "{port}", "--cert", "{tls_cert}", "--key", "{tls_key}")"));
  Program program = run(scenario);
  program.wait();
  expect_nothing_left(program);
  const base::Json report = this->report();
  ASSERT_EQ(report.at("outcome"), "completed") << program.err();
  expect_answers(report);
  EXPECT_GT(report.at("cells").at(0).at("trials").at(0).at("cpu_seconds").at("target"), 0);
  expect_no_key_kept();
}

/// Files of a certificate that nobody trusts.
service::TlsFiles own_certificate(const fs::path& folder) {
  const auto authority = service::CertificateAuthority::create();
  const auto certificate = authority->issue({"127.0.0.1", "localhost"});
  return service::write_certificate(*authority, *certificate, folder, "own").value();
}

TEST_F(ListeningTest, ACertificateOfSomebodyElseIsRefused) {
  const service::TlsFiles own = own_certificate(folder_);
  const fs::path scenario =
      write_bench("scheme = \"https\"\ncommand = " +
                  server_words(fmt::format(R"("--port", "{{port}}", "--cert", "{}", "--key", "{}")",
                                           own.certificate.string(), own.key.string())));
  Program program = run(scenario);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  EXPECT_THAT(reasons(report().at("cells").at(0).at("trials").at(0)),
              AllOf(HasSubstr("the certificate of 127.0.0.1:"), HasSubstr("is not accepted")));
}

/// A server that the test itself has started.
class RunningTest : public ListeningTest {
 protected:
  void SetUp() override {
    ListeningTest::SetUp();
    if (IsSkipped()) return;
    auto interrupt = process::Interrupt::install();
    ASSERT_TRUE(interrupt);
    interrupt_.emplace(std::move(*interrupt));
    auto supervisor =
        process::Supervisor::create(*interrupt_, process::make_run_id(base::SystemClock()));
    ASSERT_TRUE(supervisor);
    supervisor_ = std::move(*supervisor);
    const auto port = base::free_port();
    ASSERT_TRUE(port);
    port_ = *port;
  }
  ~RunningTest() override { supervisor_.reset(); }

  void start_server(const std::vector<std::string>& words = {}) {
    process::Command command;
    command.name = "web";
    command.argv = {python_, POOLBENCH_SOURCE_DIR "/harness/e2e/listening_server.py", "--port",
                    std::to_string(port_)};
    command.argv.insert(command.argv.end(), words.begin(), words.end());
    command.log = folder_ / "web.log";
    const auto started = supervisor_->start(command);
    ASSERT_TRUE(started) << started.error().message;
    server_ = *started;
    for (int i = 0; i < 500 && !listens(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_TRUE(listens()) << base::read_file(command.log).value_or("");
  }
  [[nodiscard]] bool listens() const {
    const base::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port_);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return fmt::format("{}://127.0.0.1:{}", scheme, port_);
  }
  [[nodiscard]] std::string serve_url() const { return "url = \"" + url() + "\""; }

  std::optional<process::Interrupt> interrupt_;
  std::unique_ptr<process::Supervisor> supervisor_;
  process::Child* server_ = nullptr;
  std::uint16_t port_ = 0;
};

TEST_F(RunningTest, IsMeasuredWithoutAnythingBeingStarted) {
  start_server();
  Program program = run(write_bench(serve_url()), {"--blocks", "2"});
  program.wait();
  expect_nothing_left(program);
  EXPECT_TRUE(process::is_alive(*server_)) << "it is left as it was";
  const base::Json report = this->report();
  ASSERT_EQ(report.at("outcome"), "completed") << program.err();
  expect_answers(report);
  EXPECT_FALSE(report.at("environment").contains("postgres"));
  EXPECT_EQ(report.at("environment").at("target").at("url"), url());
  EXPECT_TRUE(report.at("environment").at("target").at("versions").is_null());
  const base::Json trial = report.at("cells").at(0).at("trials").at(1);
  for (const char* field : {"/cpu_seconds/target", "/cpu_seconds/postgres",
                            "/peak_rss_bytes/target", "/database/sessions_opened",
                            "/database/sessions_per_request", "/database/peak_connections"}) {
    EXPECT_TRUE(trial.at(base::Json::json_pointer(field)).is_null()) << field;
    std::string name = field + 1;
    name.replace(name.find('/'), 1, ".");
    EXPECT_THAT(trial.at("missing").at(name).get<std::string>(),
                HasSubstr("the server was running already"));
  }
  EXPECT_THAT(program.out(), HasSubstr("all trials share its one start"));
}

TEST_F(RunningTest, IsCheckedLikeAnyOther) {
  start_server();
  Program program = start({"run", "--check", write_bench(serve_url()).string()});
  EXPECT_EQ(program.wait(), exited(0)) << program.out() << program.err();
  EXPECT_THAT(program.out(), HasSubstr("200, 5 bytes: hello"));
}

TEST_F(RunningTest, IsTrustedByTheAuthorityThatTheTargetNames) {
  const service::TlsFiles own = own_certificate(folder_);
  start_server({"--cert", own.certificate.string(), "--key", own.key.string()});
  const std::string serve = "url = \"" + url("https") + "\"\n";
  Program trusted = run(write_bench(serve + "tls_ca = \"" + own.authority.string() + "\""));
  trusted.wait();
  ASSERT_EQ(report().at("outcome"), "completed") << trusted.err();
  expect_answers(report());
  Program check = start({"run", "--check", write_bench(serve).string()});
  EXPECT_EQ(check.wait(), exited(3));
  EXPECT_THAT(check.out(), HasSubstr("is not accepted"));
}

TEST_F(RunningTest, WhoseCertificateHasExpiredIsNotReady) {
  const service::TlsFiles expired = service::expired_certificate(folder_);
  start_server({"--cert", expired.certificate.string(), "--key", expired.key.string()});
  Program check = start({"run", "--check",
                         write_bench("url = \"" + url("https") + "\"\ntls_ca = \"" +
                                     expired.authority.string() + "\"")
                             .string()});
  EXPECT_EQ(check.wait(), exited(3));
  EXPECT_THAT(check.out(), AllOf(HasSubstr("not ready within 5"),
                                 HasSubstr("is not accepted: certificate has expired")));
}

TEST_F(RunningTest, ThatDoesNotAnswerIsSaidNotToBeOurs) {
  Program program = run(write_bench(serve_url()));
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  EXPECT_THAT(reasons(report().at("cells").at(0).at("trials").at(0)),
              AllOf(HasSubstr("nothing accepts connections at"),
                    HasSubstr("poolbench did not start this server (serve.url)")));
}

TEST_F(RunningTest, ThatEndsUnderLoadFailsItsTrialWithWords) {
  start_server();
  Program program = run(write_bench(serve_url()), {"--measure", "3s"});
  ASSERT_TRUE(program.says("phase: measure")) << program.err();
  supervisor_->stop(*server_);
  EXPECT_EQ(program.wait(), exited(3)) << program.err();
  expect_nothing_left(program);
  const base::Json trial = report().at("cells").at(0).at("trials").at(0);
  EXPECT_EQ(trial.at("status"), "failed");
  EXPECT_THAT(reasons(trial), HasSubstr("connect"));
}

TEST_F(RunningTest, IsLookedAtByInitWhichWritesItsUrl) {
  start_server();
  const std::string folder = (folder_ / "looked").string();
  fs::create_directories(folder);
  Program init = start({"init", "--url", url(), folder});
  EXPECT_EQ(init.wait(), exited(0)) << init.err();
  EXPECT_THAT(init.out(), AllOf(HasSubstr("answers with status 200. It was taken for http.server "),
                                HasSubstr("target.toml:")));
  Program check = start({"run", "--check", folder + "/poolbench.toml"});
  EXPECT_EQ(check.wait(), exited(0)) << check.out() << check.err();
  Program again = start({"init", "--url", url(), folder});
  EXPECT_EQ(again.wait(), exited(2));
  EXPECT_THAT(again.err(), HasSubstr("is there already; nothing was written"));
}

TEST_F(RunningTest, ThatDoesNotAnswerHasInitWriteNothing) {
  fs::create_directories(folder_ / "looked");
  Program init = start({"init", "--url", url(), (folder_ / "looked").string()});
  EXPECT_EQ(init.wait(), exited(3));
  EXPECT_THAT(init.err(), HasSubstr("nothing accepts connections"));
  EXPECT_TRUE(fs::is_empty(folder_ / "looked"));
}

/// Listens at an address of this machine that others can reach, too, if it has one.
class RemoteTest : public ListeningTest {
 protected:
  void SetUp() override {
    ListeningTest::SetUp();
    if (IsSkipped()) return;
    ifaddrs* all = nullptr;
    ASSERT_EQ(::getifaddrs(&all), 0);
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
      if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
      if ((each->ifa_flags & IFF_LOOPBACK) != 0) continue;
      address_ = *reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    }
    ::freeifaddrs(all);
    if (address_.sin_family != AF_INET)
      GTEST_SKIP() << "no address but that of the loopback device";
    socket_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    address_.sin_port = 0;
    socklen_t size = sizeof address_;
    auto* generic = reinterpret_cast<sockaddr*>(&address_);
    ASSERT_EQ(::bind(socket_.get(), generic, size), 0);
    ASSERT_EQ(::listen(socket_.get(), 16), 0);
    ASSERT_EQ(::getsockname(socket_.get(), generic, &size), 0);
  }
  /// Nobody has so much as connected.
  void expect_nobody_came() const {
    pollfd waiting{socket_.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&waiting, 1, 200), 0);
  }
  [[nodiscard]] int port() const { return ntohs(address_.sin_port); }
  [[nodiscard]] std::string address() const {
    char text[INET_ADDRSTRLEN];
    return ::inet_ntop(AF_INET, &address_.sin_addr, text, sizeof text);
  }
  /// A name of that address, as far as readers of addresses go: looked up, it is that address.
  [[nodiscard]] std::string name() const { return std::to_string(ntohl(address_.sin_addr.s_addr)); }

  sockaddr_in address_{};
  base::UniqueFd socket_;
};

TEST_F(RemoteTest, IsRefusedBeforeAByteIsSent) {
  for (const std::string& host : {address(), name()}) {
    const fs::path scenario = write_bench(fmt::format("url = \"http://{}:{}\"", host, port()));
    for (const std::vector<std::string>& verb :
         {std::vector<std::string>{"plan"}, {"run", "--check"}, {"run", "--out", "results"}}) {
      std::vector<std::string> words = verb;
      words.push_back(scenario.string());
      Program program = start(words);
      EXPECT_EQ(program.wait(), exited(2)) << host;
      EXPECT_THAT(program.err(), HasSubstr("target.allow_remote = true")) << host;
    }
    fs::create_directories(folder_ / "looked");
    Program init = start({"init", "--url", fmt::format("http://{}:{}", host, port()),
                          (folder_ / "looked").string()});
    EXPECT_EQ(init.wait(), exited(2));
    EXPECT_THAT(init.err(), HasSubstr("--allow-remote"));
    EXPECT_TRUE(fs::is_empty(folder_ / "looked"));
  }
  expect_nobody_came();
  EXPECT_FALSE(fs::exists(results()));
}

TEST_F(RemoteTest, IsAskedWhereTheScenarioAllowsIt) {
  const fs::path scenario = write_bench(fmt::format("url = \"http://{}:{}\"", address(), port()),
                                        "target.allow_remote = true");
  Program program = start({"run", "--check", scenario.string()});
  EXPECT_EQ(program.wait(), exited(3)) << "nobody answers here";
  pollfd waiting{socket_.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 200), 1);
}

}  // namespace
}  // namespace poolbench::e2e
