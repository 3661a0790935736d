#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "process/fixture.h"

namespace poolbench::process {
namespace {

using base::ErrorCode;
using testing::HasSubstr;
using testing::Not;

class LaunchTest : public ProcessTest {
 protected:
  base::Error refusal_of(const Command& command) {
    const auto child = supervisor_->start(command);
    EXPECT_FALSE(child.has_value());
    if (child) return {};
    EXPECT_EQ(child.error().code, ErrorCode::kBadInput);
    return child.error();
  }
};

TEST_F(LaunchTest, NamesAProgramThatIsNotInPath) {
  Command command = shell("target", "");
  command.argv = {"no-such-program-anywhere"};
  const base::Error error = refusal_of(command);
  EXPECT_THAT(error.message, HasSubstr("no program \"no-such-program-anywhere\" in PATH"));
  EXPECT_THAT(error.message, HasSubstr("target"));
}

TEST_F(LaunchTest, LooksInThePathOfTheCommand) {
  std::filesystem::create_symlink("/bin/echo", folder_ / "only-here");
  Command command = shell("target", "");
  command.argv = {"only-here", "found"};
  EXPECT_THAT(refusal_of(command).message, HasSubstr("only-here"));
  command.environment["PATH"] = "/nowhere:" + folder_.string();
  EXPECT_EQ(output_of(command), "found\n");
}

TEST_F(LaunchTest, ReportsAProgramTheKernelCannotExecute) {
  const auto path = folder_ / "not-a-program";
  std::ofstream(path) << "neither ELF nor #!";
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  Command command = shell("target", "");
  command.argv = {path.string()};
  const base::Error error = refusal_of(command);
  EXPECT_THAT(error.message, HasSubstr(fmt::format("cannot execute {}: ", path.string())));
  EXPECT_THAT(error.next, HasSubstr("#!/bin/sh"));
}

TEST_F(LaunchTest, NamesAFolderALogAndAUserThatDoNotExist) {
  Command command = shell("target", "");
  command.folder = folder_ / "absent";
  EXPECT_THAT(refusal_of(command).message,
              HasSubstr("cannot enter folder " + (folder_ / "absent").string()));
  command = shell("target", "");
  command.log = folder_ / "absent" / "target.log";
  EXPECT_THAT(refusal_of(command).message, HasSubstr(command.log.string()));
  if (::geteuid() != 0) return;
  command = shell("target", "");
  command.run_as = "no-such-user";
  EXPECT_THAT(refusal_of(command).message, HasSubstr("\"no-such-user\""));
}

TEST_F(LaunchTest, AFailedStartLeavesNoProcessBehind) {
  Command command = shell("target", "");
  command.folder = folder_ / "absent";
  refusal_of(command);
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST_F(LaunchTest, AFailedStartRunsNothingOfOursInTheChild) {
  std::FILE* unflushed = ::fdopen(::dup(lines_.writing()), "w");
  std::fputs("once\n", unflushed);
  static int pipe_of_exit_handler = -1;
  pipe_of_exit_handler = lines_.writing();
  std::atexit([] {
    if (pipe_of_exit_handler >= 0) {
      [[maybe_unused]] const auto written = ::write(pipe_of_exit_handler, "at exit\n", 8);
    }
  });
  Command command = shell("target", "");
  for (const char* folder : {"absent", "."}) {  // before exec, and exec itself
    command.folder = folder_ / folder;
    if (folder == std::string(".")) command.argv = {(folder_ / "not-a-program").string()};
    std::ofstream(folder_ / "not-a-program") << "neither ELF nor #!";
    std::filesystem::permissions(folder_ / "not-a-program", std::filesystem::perms(0755));
    refusal_of(command);
  }
  std::fclose(unflushed);
  pipe_of_exit_handler = -1;
  EXPECT_EQ(lines_.line(), "once");
  const std::string marker = "end\n";
  ASSERT_EQ(::write(lines_.writing(), marker.data(), marker.size()), 4);
  EXPECT_EQ(lines_.line(), "end");
}

TEST_F(LaunchTest, BecomesTheUserWithItsGroupsAndHome) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Command command =
      shell("postgres", "id -un; id -rg; echo $USER $HOME; grep Groups /proc/self/status");
  command.run_as = "nobody";
  EXPECT_THAT(output_of(command),
              testing::MatchesRegex("nobody\n65534\nnobody /nonexistent\nGroups:\t65534 \n"));
}

TEST_F(LaunchTest, BindsToTheChosenCpus) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(static_cast<std::size_t>(last), &allowed)) --last;
  Command command = shell("generator", "grep Cpus_allowed_list /proc/self/status");
  command.cpus = {last};
  EXPECT_EQ(output_of(command), fmt::format("Cpus_allowed_list:\t{}\n", last));
  for (const int absent : {last + 1, -1, CPU_SETSIZE}) {
    command.cpus = {last, absent};
    EXPECT_THAT(refusal_of(command).message, HasSubstr(fmt::format("CPU {} ", absent)));
  }
}

TEST_F(LaunchTest, HasOurLimitOfOpenFilesUnlessItIsToBeRaised) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const base::ScopeExit restore([&] { ::setrlimit(RLIMIT_NOFILE, &before); });
  const rlimit low{64, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  Command command = shell("generator", "ulimit -Sn; ulimit -Hn");
  const std::string hard = output_of(shell("target", "ulimit -Hn"));
  EXPECT_EQ(output_of(command), "64\n" + hard);
  command.raises_descriptor_limit = true;
  EXPECT_EQ(output_of(command), hard + hard);
}

TEST_F(LaunchTest, InheritsNoDescriptors) {
  constexpr int kLeaky = 77;
  ASSERT_EQ(::dup2(lines_.reading(), kLeaky), kLeaky);  // dup2 clears close-on-exec
  const base::UniqueFd leaky(kLeaky);
  const std::string open_fds = output_of(shell("target", "ls /proc/$$/fd"));
  EXPECT_EQ(open_fds, "0\n1\n2\n");
}

TEST_F(LaunchTest, StartsWithACleanSignalMaskAndDefaultDispositions) {
  constexpr int kIgnored[] = {SIGPIPE, SIGQUIT, SIGXFSZ};
  for (const int signal : kIgnored) std::signal(signal, SIG_IGN);
  const base::ScopeExit restore([&] {
    for (const int signal : kIgnored) std::signal(signal, SIG_DFL);
  });
  EXPECT_EQ(output_of(shell("target", "exec grep -E 'SigBlk|SigIgn' /proc/self/status")),
            "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_F(LaunchTest, LeadsAGroupOfItsOwn) {
  Child& child = start(shell("target", "echo $$; exec sleep 1000"));
  const ProcessStat process = lines_.process();
  EXPECT_EQ(process.pid, pid_of(child));
  EXPECT_EQ(process.group, process.pid);
}

TEST_F(LaunchTest, ReadsNothingAndAppendsBothStreamsToItsLog) {
  Command command = shell("target", "cat; echo out; echo err >&2");
  command.stdout_fd = -1;
  std::ofstream(command.log) << "before\n";
  ASSERT_TRUE(supervisor_->run(command, std::chrono::seconds(10)).value().ok());
  EXPECT_EQ(base::read_file(command.log).value(), "before\nout\nerr\n");
}

TEST_F(LaunchTest, ReadsItsInputHoweverLongItIs) {
  Command command = shell("target", "head -c 3; wc -c");
  command.input = "abc" + std::string(std::size_t{1} << 20U, 'x');
  EXPECT_THAT(output_of(command), testing::MatchesRegex("abc *1048576\n"));
}

TEST_F(LaunchTest, GetsItsOwnEnvironmentAndTheMarksAndNothingElse) {
  ::setenv("PGSERVICE", "production", 1);
  const base::ScopeExit restore([] { ::unsetenv("PGSERVICE"); });
  Command command = shell("target", "");
  command.argv = {"/usr/bin/env"};
  command.environment = {{"ADDED", "a=b"}, {"POOLBENCH_RUN_ID", "forged"}};
  EXPECT_EQ(output_of(command),
            fmt::format("ADDED=a=b\nPOOLBENCH_RUN_ID={}\nPOOLBENCH_SERVICE=target-1\n",
                        supervisor_->run_id()));
}

TEST_F(LaunchTest, ChildrenGetTheirStopSignalWhenTheHarnessIsKilled) {
  Command command =
      shell("postgres", "trap 'echo fast shutdown; exit' INT; echo $$; sleep 1000 & wait");
  command.stop.signal = SIGINT;
  if (::geteuid() == 0) command.run_as = "nobody";  // a change of user clears the death signal
  const pid_t harness = ::fork();
  if (harness == 0) {
    auto interrupt = Interrupt::install().value();
    auto supervisor = Supervisor::create(interrupt, make_run_id(base::SystemClock())).value();
    if (!supervisor->start(command)) ::_exit(1);
    for (;;) ::pause();
  }
  const std::vector<ProcessStat> service{lines_.process()};
  ASSERT_EQ(::kill(harness, SIGKILL), 0);
  EXPECT_TRUE(await_ends(service, soon(), nullptr));
  EXPECT_EQ(lines_.line(), "fast shutdown");
}

}  // namespace
}  // namespace poolbench::process
