#include "process/process_table.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/syscall.h>

#include <array>
#include <thread>

#include "process/fixture.h"
#include "process/launch.h"

namespace poolbench::process {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class ProcTest : public ProcessTest {};

TEST_F(ProcTest, ReadsAProcessWithParenthesesAndSpacesInItsName) {
  const auto odd = folder_ / "a ) S (b";
  std::filesystem::copy_file("/bin/sleep", odd);
  Command command = shell("odd", "");
  command.argv = {odd.string(), "1000"};
  Child& child = start(command);
  const auto stat = read_stat(pid_of(child));
  ASSERT_TRUE(stat.has_value());
  EXPECT_EQ(stat->parent, ::getpid());
  EXPECT_EQ(stat->group, pid_of(child));
  EXPECT_GT(stat->start_ticks, 0U);
  EXPECT_THAT(command_line_of(pid_of(child)), HasSubstr("a ) S (b 1000"));
}

TEST_F(ProcTest, FindsWholeNamesInAnEnvironment) {
  const std::string environment("AB=1\0A=2=3\0EMPTY=\0last", 23);
  EXPECT_EQ(find_variable(environment, "A"), "2=3");
  EXPECT_EQ(find_variable(environment, "EMPTY"), "");
  EXPECT_EQ(find_variable(environment, "B"), std::nullopt);
  EXPECT_EQ(find_variable(environment, "last"), std::nullopt);
}

TEST_F(ProcTest, LooksIntoAnotherUsersProcessEvenInAContainer) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Command command = shell("postgres", "sleep 1000 & echo started; wait");
  command.run_as = "nobody";
  const pid_t pid = pid_of(start(command));
  ASSERT_EQ(lines_.line(), "started");
  std::string environment, pid_namespace;
  std::thread([&] {  // capabilities are the thread's own
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    ASSERT_EQ(::syscall(SYS_capget, &header, sets.data()), 0);
    for (auto& set : sets) set.inheritable = 0;
    for (const unsigned missing : {CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_PERFMON}) {
      sets.at(missing / 32).effective &= ~(1U << missing % 32);
    }
    ASSERT_EQ(::syscall(SYS_capset, &header, sets.data()), 0);
    environment = environment_of(pid);
    pid_namespace = pid_namespace_of(pid);
  })
      .join();
  EXPECT_TRUE(find_variable(environment, "POOLBENCH_RUN_ID"));
  EXPECT_EQ(pid_namespace, pid_namespace_of(::getpid()));
  EXPECT_NE(pid_namespace, "");
}

TEST_F(ProcTest, ASignalNeverReachesALaterProcessOfTheSamePid) {
  Child& child = start(shell("bystander", "exec sleep 1000"));
  ProcessStat earlier = read_stat(pid_of(child)).value();
  --earlier.start_ticks;
  send_signal(earlier, SIGKILL);
  EXPECT_TRUE(await_ends({{earlier}}, soon(), nullptr));
  EXPECT_TRUE(std::holds_alternative<TimedOut>(supervisor_->wait(soon(50ms))));
}

TEST_F(ProcTest, DescendantsListsParentsBeforeTheirChildren) {
  Child& child = start(
      shell("target", "sh -c 'sh -c \"echo \\$\\$; exec sleep 1000\" & echo $$; wait' & wait"));
  std::vector<pid_t> pids{std::stoi(lines_.line()), std::stoi(lines_.line())};
  const std::vector<pid_t> found = descendants(pid_of(child));
  EXPECT_THAT(found, testing::UnorderedElementsAreArray(pids));
  EXPECT_EQ(read_stat(found.at(1)).value().parent, found.at(0));
  EXPECT_THAT(descendants(found.at(1)), testing::IsEmpty());
}

TEST_F(ProcTest, FindsProgramsInPathAndByPath) {
  EXPECT_EQ(find_program("sh", "/nowhere:/bin"), "/bin/sh");
  EXPECT_EQ(find_program("/bin/sh"), "/bin/sh");
  EXPECT_EQ(find_program("sh", "/nowhere"), "");
  EXPECT_EQ(find_program("", "/bin"), "");
  EXPECT_EQ(find_program("passwd", "/etc"), "") << "not executable";
  EXPECT_EQ(find_program("usr", "/"), "") << "a folder";
}

}  // namespace
}  // namespace poolbench::process
