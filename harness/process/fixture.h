#pragma once

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"
#include "base/raii.h"
#include "base/temporary_folder_fixture.h"
#include "base/time.h"
#include "process/interrupt.h"
#include "process/process_table.h"
#include "process/supervisor.h"
#include "process/sweep.h"

namespace poolbench::process {

inline base::SteadyTime soon(base::Duration patience = std::chrono::seconds(10)) {
  return std::chrono::steady_clock::now() + patience;
}

/// What real children write for the test to read, line by line, so that no test needs to sleep.
class LinePipe {
 public:
  LinePipe() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    reading_.reset(ends[0]);
    writing_.reset(ends[1]);
  }
  [[nodiscard]] int reading() const { return reading_.get(); }
  [[nodiscard]] int writing() const { return writing_.get(); }

  /// The next line without its newline; a failure of the test if none comes.
  std::string line() {
    std::string text;
    for (char c = 0;; text += c) {
      std::array<pollfd, 1> fds{{{reading(), POLLIN, 0}}};
      if (!pause(fds, soon()) || ::read(reading(), &c, 1) != 1) {
        ADD_FAILURE() << "no line came, only \"" << text << '"';
        return text;
      }
      if (c == '\n') return text;
    }
  }
  /// The next line as a process.
  ProcessStat process() {
    const auto stat = read_stat(static_cast<pid_t>(std::stoi(line())));
    EXPECT_TRUE(stat.has_value());
    return stat.value_or(ProcessStat{});
  }

 private:
  base::UniqueFd reading_;
  base::UniqueFd writing_;
};

inline bool is_running(const ProcessStat& process) {
  const auto now = read_stat(process.pid);
  return now && now->start_ticks == process.start_ticks && !now->has_ended();
}

/// A supervisor with real processes and a folder of its own.
class ProcessTest : public testing::Test {
 protected:
  ProcessTest() : interrupt_(Interrupt::install().value()) {
    supervisor_ = Supervisor::create(interrupt_, make_run_id(base::SystemClock())).value();
  }
  ~ProcessTest() override {
    supervisor_.reset();
    interrupt_.poll();  // the next test starts without our signals
  }

  /// Runs `script` with /bin/sh; its stdout goes to lines_, its stderr to <name>.log.
  Command shell(const std::string& name, const std::string& script) {
    Command command;
    command.name = name;
    command.argv = {"sh", "-c", script};
    command.environment = base::own_environment();
    command.log = folder_ / (name + ".log");
    command.stdout_fd = lines_.writing();
    return command;
  }
  Child& start(const Command& command) { return *supervisor_->start(command).value(); }

  /// What a command prints (stdout and stderr) until it ends.
  std::string output_of(Command command) {
    command.stdout_fd = -1;
    command.log = folder_ / "output.log";
    std::filesystem::remove(command.log);
    const auto exit = supervisor_->run(command, std::chrono::seconds(10));
    EXPECT_TRUE(exit.has_value() && exit->ok());
    return base::read_file(command.log).value();
  }

  LinePipe lines_;
  Interrupt interrupt_;
  std::unique_ptr<Supervisor> supervisor_;
  base::TemporaryFolder folder_{std::filesystem::perms(0755)};  ///< children may be other users
};

}  // namespace poolbench::process
