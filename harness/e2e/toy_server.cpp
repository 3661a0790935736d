// A target for the end-to-end tests: answers "hello" within milliseconds of its start, unless one
// of its options (see target.toml in toy_bench.cpp) makes it fail in a way that real servers do.
#include <httplib.h>
#include <libpq-fe.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include "e2e/toy_pool.h"

namespace {

constexpr int kDieAtStart = 3;
constexpr int kDieUnderLoad = 7;
/// The two answers at start and the one of the verification are good; then comes the load.
constexpr int kAnswersBeforeVerification = 2;
constexpr int kGoodAnswers = 20;
/// Whatever this program leaves behind ends by itself after so many seconds.
constexpr unsigned kLongestLife = 300;

struct Options {
  std::map<std::string, std::string> values;

  [[nodiscard]] std::string text(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? "" : found->second;
  }
  [[nodiscard]] int number(const std::string& name) const { return std::atoi(text(name).c_str()); }
  [[nodiscard]] bool has_fault(const char* name) const { return text("--fault") == name; }
};

void pause_for(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

void say(const char* line) { std::fprintf(stderr, "%s\n", line); }

[[noreturn]] void sleep_for_ever() {
  for (;;) ::pause();
}

/// Goes on as a process that is in no way connected to the one that was started: true there.
bool stays_behind() {
  if (::fork() != 0) return true;
  ::setsid();
  if (::fork() != 0) ::_exit(0);
  ::alarm(kLongestLife);
  return false;
}

/// Leaves a process behind that is in no way connected to this one.
void fork_away() {
  if (!stays_behind()) sleep_for_ever();
}

/// Asks the database that the environment and `conninfo` lead to, in a session of its own, which
/// stays open for `milliseconds`; returns what went wrong, or nothing.
std::string ask_database(const std::string& conninfo, int milliseconds) {
  constexpr const char* kHoldTheSession = "SELECT pg_sleep(0.005)";
  PGconn* connection = ::PQconnectdb(conninfo.c_str());
  std::string problem;
  if (::PQstatus(connection) != CONNECTION_OK) {
    problem = ::PQerrorMessage(connection);
  } else {
    PGresult* result = ::PQexec(connection, kHoldTheSession);
    if (::PQresultStatus(result) != PGRES_TUPLES_OK) problem = ::PQresultErrorMessage(result);
    ::PQclear(result);
    pause_for(milliseconds);
  }
  ::PQfinish(connection);
  return problem;
}

/// How many rows the table "city" has, or what went wrong.
std::string count_rows() {
  PGconn* connection = ::PQconnectdb("");
  PGresult* result = ::PQexec(connection, "SELECT count(*) FROM city");
  std::string text = ::PQresultStatus(result) == PGRES_TUPLES_OK ? ::PQgetvalue(result, 0, 0)
                                                                 : ::PQerrorMessage(connection);
  ::PQclear(result);
  ::PQfinish(connection);
  return text;
}

std::string content_of(const std::string& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Keeps a processor busy.
void burn(int milliseconds) {
  const auto used = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const auto end = used() + std::chrono::milliseconds(milliseconds);
  while (used() < end) {
  }
}

void flood_log() {
  constexpr int kLines = 20000;
  for (;; pause_for(1)) {
    for (int i = 0; i < kLines; ++i) say("toy: debug: nothing happened, and it happens very often");
  }
}

void die_soon() {
  pause_for(300);
  say("toy: the till fell over");
  ::_exit(kDieUnderLoad);
}

class Toy {
 public:
  explicit Toy(Options options) : options_(std::move(options)), pool_(options_.number("--pool")) {}

  int run() {
    ::alarm(kLongestLife);
    if (options_.has_fault("die-at-start")) {
      say("toy: the till is locked");
      return kDieAtStart;
    }
    if (options_.has_fault("hang-at-start")) {
      say("toy: waiting for the key of the till");
      sleep_for_ever();
    }
    if (options_.has_fault("fork-away")) fork_away();
    if (options_.has_fault("serve-elsewhere") && stays_behind()) sleep_for_ever();
    pause_for(options_.number("--boot-delay-ms"));
    handle_stop();
    if (options_.has_fault("flood-log")) std::thread(flood_log).detach();
    if (options_.has_fault("die-soon")) std::thread(die_soon).detach();
    serve();
    return 0;
  }

 private:
  /// Blocked before any other thread begins, so that only the thread here gets it.
  void handle_stop() const {
    if (options_.has_fault("ignore-term")) {
      std::signal(SIGTERM, SIG_IGN);
      return;
    }
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &term, nullptr);
    std::thread([term, delay = options_.number("--stop-delay-ms")] {
      int signal = 0;
      ::sigwait(&term, &signal);
      pause_for(delay);
      ::_exit(0);
    }).detach();
  }

  void serve() {
    httplib::Server server;
    server.set_tcp_nodelay(true);
    if (const int threads = options_.number("--threads"); threads > 0) {
      const auto count = static_cast<std::size_t>(threads);
      // NOLINTNEXTLINE(cppcoreguidelines-owning-memory): the server takes it
      server.new_task_queue = [count] { return new httplib::ThreadPool(count); };
    }
    server.Get("/work", [this](const httplib::Request&, httplib::Response& response) {
      burn(options_.number("--burn-ms"));
      const std::string problem =
          pool_.run("SELECT pg_sleep(" + options_.text("--query-ms") + " / 1000.0)");
      response.status = problem.empty() ? 200 : 500;
      response.set_content(problem.empty() ? "hello" : problem, "text/plain");
    });
    server.Get("/pool-stats", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content("{\"waited_us\": " + std::to_string(pool_.waited_us()) + "}",
                           "application/json");
    });
    server.Get("/ready", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("ready", "text/plain");
    });
    server.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      answer(answers_++, response);
    });
    server.Get("/db", [this](const httplib::Request&, httplib::Response& response) {
      const std::string problem =
          ask_database(options_.text("--conninfo"), options_.number("--work-ms"));
      if (!problem.empty()) {
        say(problem.c_str());
        response.status = 500;
      }
      response.set_content(problem.empty() ? "hello" : problem, "text/plain");
    });
    server.Get("/stats", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content("{\"till\": {\"answers\": " + std::to_string(answers_) + "}}",
                           "application/json");
    });
    server.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content("# TYPE toy_answers_total counter\ntoy_answers_total{kind=\"page\"} " +
                               std::to_string(answers_) + "\ntoy_answers_total{kind=\"db\"} 0\n",
                           "text/plain");
    });
    server.Get("/rows", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("rows: " + count_rows() + ";", "text/plain");
    });
    server.Get("/config", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(content_of(options_.text("--config")), "text/plain");
    });
    if (!server.listen("127.0.0.1", options_.number("--port"))) say("toy: cannot listen");
  }

  /// `before`: how many answers were given before this one.
  void answer(int before, httplib::Response& response) const {
    pause_for(options_.number("--work-ms"));
    if (before >= options_.number("--quick-answers")) {
      pause_for(options_.number("--answer-delay-ms"));
    }
    const bool wrong = options_.has_fault("wrong-answer") && before >= kAnswersBeforeVerification;
    response.set_content(wrong ? "goodbye" : "hello", "text/plain");
    if (options_.has_fault("log-answers")) say("toy: sold 3 loaves");
    if (before < kGoodAnswers) return;
    if (options_.has_fault("cut-short-under-load")) cut_short(response);
    if (options_.has_fault("die-under-load")) {
      say("toy: the till is on fire");
      ::_exit(kDieUnderLoad);
    }
    if (options_.has_fault("one-error") && before == kGoodAnswers) response.status = 500;
    if (options_.has_fault("errors-under-load")) {
      response.status = 500;
      if (before == kGoodAnswers) {
        say("Traceback (most recent call last):\n  File \"toy.py\", line 1, in page\n"
            "TillError: the till is empty");
      }
    }
  }

  /// Two of the five bytes, and then the connection is closed.
  static void cut_short(httplib::Response& response) {
    response.body.clear();
    response.set_content_provider(5, "text/plain", [](size_t, size_t, httplib::DataSink& sink) {
      sink.write("he", 2);
      return false;
    });
  }

  Options options_;
  ToyPool pool_;
  std::atomic<int> answers_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) options.values[argv[i]] = argv[i + 1];
  return Toy(std::move(options)).run();
}
