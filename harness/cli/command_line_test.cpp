#include "cli/command_line.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>

#include "base/file.h"
#include "base/temporary_folder_fixture.h"

namespace poolbench::cli {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A program with a command that has options, and one that has commands.
class CommandLineTest : public ::testing::Test {
 protected:
  CommandLineTest() {
    auto* show = app_.add_subcommand("show", "Print a report");
    show->add_option("reports", reports_, "their files")->required();
    show->add_option("--format", text_, "Form")->check(CLI::IsMember({"text", "json"}));
    show->add_option("-o,--output", text_, "where [it] goes: 'here'");
    show->add_flag("--cells", flag_, "a row a cell");
    show->footer("Exit: 0 all is well.");
    app_.add_subcommand("list", "List")->add_subcommand("targets", "Targets");
  }

  /// What bash offers for the last of these words.
  std::string completed(const std::string& words) {
    const auto script = folder_ / "complete";
    EXPECT_TRUE(base::write_file_atomically(script, bash_completion(words_of(app_))));
    const std::string command = fmt::format(
        "bash -c 'source \"$0\"; COMP_WORDS=({}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _tool; "
        "echo \"${{COMPREPLY[*]}}\"' {}",
        words, script.string());
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    std::array<char, 1000> line{};
    if (std::fgets(line.data(), line.size(), pipe.get()) == nullptr) return "nothing";
    std::string text(line.data());
    text.erase(text.find('\n'));
    return text;
  }

  CLI::App app_{"Does things", "tool"};
  std::vector<std::string> reports_;
  std::string text_;
  bool flag_ = false;
  base::TemporaryFolder folder_;
};

TEST_F(CommandLineTest, HasWhatTheDefinitionsHave) {
  const CommandWords program = words_of(app_);
  ASSERT_EQ(program.commands.size(), 2U);
  const CommandWords& show = program.commands[0];
  EXPECT_EQ(show.name, "tool show");
  EXPECT_THAT(show.arguments.at(0).names, ElementsAre("reports"));
  EXPECT_TRUE(show.arguments[0].is_many && show.arguments[0].is_required);
  EXPECT_THAT(show.options.at(1).choices, ElementsAre("text", "json"));
  EXPECT_THAT(show.options.at(2).names, ElementsAre("-o", "--output"));
  EXPECT_THAT(show.options.at(3).value, IsEmpty());
  EXPECT_EQ(program.commands[1].commands.at(0).name, "tool list targets");
}

TEST_F(CommandLineTest, BashCompletesCommandsOptionsAndTheirValues) {
  EXPECT_EQ(completed("tool sh"), "show");
  EXPECT_EQ(completed("tool list \"\""), "targets -h --help");
  EXPECT_EQ(completed("tool show --c"), "--cells");
  EXPECT_EQ(completed("tool show --format \"\""), "text json");
  EXPECT_EQ(completed("tool show --format j"), "json");
  EXPECT_EQ(completed("tool show rep"), "") << "files are bash's own business";
  EXPECT_EQ(completed("tool show --output rep"), "");
}

TEST_F(CommandLineTest, ZshHasEachOptionWithItsMeaning) {
  EXPECT_THAT(zsh_completion(words_of(app_)),
              AllOf(HasSubstr("#compdef tool\n"), HasSubstr("'--format[Form]:TEXT:(text json)'"),
                    HasSubstr("'--output[where \\[it\\] goes\\: '\\''here'\\'']:TEXT:_files'"),
                    HasSubstr("'1:command:(targets)'")));
}

TEST_F(CommandLineTest, TheManualHasEveryCommandWithItsOptions) {
  EXPECT_THAT(manual_page(words_of(app_)),
              AllOf(HasSubstr(".TH TOOL 1 "), HasSubstr(".SS tool show\n"),
                    HasSubstr("\n[options] REPORTS…\n"),
                    HasSubstr(".TP\n\\fB\\-\\-format\\fR text|json\nForm\n"),
                    HasSubstr("Exit: 0 all is well."), HasSubstr(".SS tool list targets\n")));
}

}  // namespace
}  // namespace poolbench::cli
