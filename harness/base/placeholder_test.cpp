#include "base/placeholder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace poolbench::base {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// The text with every placeholder as <word> or <word|argument>.
std::string taken_apart(std::string_view text) {
  std::string out;
  const Template parts(text);
  for (const Placeholder& p : parts.placeholders) {
    out += p.before + "<" + p.word + (p.argument.empty() ? "" : "|" + p.argument) + ">";
  }
  return out + parts.tail;
}

TEST(Placeholder, IsAWordInBracesWithAnArgumentOrWithout) {
  EXPECT_EQ(taken_apart("{port}"), "<port>");
  EXPECT_EQ(taken_apart("first {port} second {port}."), "first <port> second <port>.");
  EXPECT_EQ(taken_apart("{a_1.b}{column:name}"), "<a_1.b><column|name>");
  EXPECT_EQ(taken_apart("{a:b:c}"), "<a|b:c>");
  EXPECT_EQ(taken_apart(""), "");
}

TEST(Placeholder, LeavesAllOtherBracesAlone) {
  for (const char* text : {"{}",
                           "{ port }",
                           "{Port}",
                           "{1}",
                           "{_a}",
                           "{port",
                           "port}",
                           "{a-b}",
                           "{a:}",
                           "{a: b}",
                           "{a:\"b\"}",
                           "{a:'b'}",
                           "{{",
                           "}}",
                           "{{}}",
                           "{",
                           R"({"last_id": {"a": [1, {}]}})",
                           "{{.Names}}",
                           "{print $1}",
                           "{a:b"}) {
    EXPECT_EQ(taken_apart(text), text);
  }
  EXPECT_EQ(taken_apart(R"({"id": {seq}, "to": {"x": "{nonce}"}})"),
            R"({"id": <seq>, "to": {"x": "<nonce>"}})");
  EXPECT_EQ(taken_apart("{{port}:1}"), "{<port>:1}");
}

TEST(Placeholder, InDoubleBracesIsText) {
  EXPECT_EQ(taken_apart("{{port}}"), "{port}");
  EXPECT_EQ(taken_apart("{{column:name}}"), "{column:name}");
  EXPECT_EQ(taken_apart("{{{port}}}"), "{{port}}");
  EXPECT_EQ(taken_apart("{{port}}{port}"), "{port}<port>");
}

TEST(Placeholder, AfterADollarIsTheShells) {
  EXPECT_EQ(taken_apart("echo ${port} ${{port}} ${port:-1}"), "echo ${port} ${{port}} ${port:-1}");
  EXPECT_EQ(taken_apart("$ {port}"), "$ <port>");
}

TEST(Placeholder, KnowsWhereItStands) {
  const Template parts("ü {{a}} {port}");
  ASSERT_EQ(parts.placeholders.size(), 1U);
  EXPECT_EQ(parts.placeholders.front().offset, 9U);
}

TEST(Placeholder, IsRefusedWhereItsWordIsNotKnown) {
  EXPECT_THAT(known_words(TextPlace::kRequest), ElementsAre("nonce", "pick", "random", "seq"));
  EXPECT_THAT(known_words(TextPlace::kVersions), ElementsAre("prepared"));
  EXPECT_THAT(known_words(TextPlace::kNone), IsEmpty());
  EXPECT_FALSE(refuse("{host}:{port} {{rand}} ${x}", TextPlace::kServe));

  const auto unknown = refuse("/product/{rand}", TextPlace::kRequest);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->message, "{rand} is no placeholder here");
  EXPECT_EQ(unknown->next,
            "known here: {nonce}, {pick:FILE}, {random:1..9}, {seq}; the text {rand} itself is "
            "written {{rand}}");
  EXPECT_THAT(refuse("{prot}", TextPlace::kEnvironment)->next,
              HasSubstr("did you mean {port}? known here: {database_url}, {host}, "));
  EXPECT_THAT(refuse("{port}", TextPlace::kData)->next,
              AllOf(HasSubstr("{pgport}"), Not(HasSubstr("{host}"))));
  const Placeholder misspelt = Template("{sokcet}").placeholders.front();
  EXPECT_THAT(
      refuse(misspelt, TextPlace::kServe, {}, {"socket", "tls_key"})->next,
      AllOf(HasSubstr("{tls_cert}"), Not(HasSubstr("{socket}")), Not(HasSubstr("{tls_key}"))));
  EXPECT_EQ(refuse("{port:1}", TextPlace::kServe)->message,
            "port takes no argument, found {port:1}");
  EXPECT_THAT(refuse("{x}", TextPlace::kNone)->next, HasSubstr("no placeholder is known here"));
}

TEST(Placeholder, ATemplateKnowsWhatTheEnvironmentOfTheServerKnows) {
  EXPECT_EQ(known_words(TextPlace::kTemplate), known_words(TextPlace::kEnvironment));
  EXPECT_THAT(known_words(TextPlace::kDataEnvironment),
              ElementsAre("database_url", "pgdatabase", "pghost", "pgpassword", "pgport",
                          "pgsslrootcert", "pguser", "prepared"));
  EXPECT_FALSE(refuse("{arguments} {pghost}", TextPlace::kData));
  EXPECT_FALSE(refuse("{value} {pghost}", TextPlace::kDataParameter));
  EXPECT_TRUE(refuse("{arguments}", TextPlace::kDataEnvironment));
  EXPECT_FALSE(refuse("{params.size}", TextPlace::kTemplate, {"params.size"}));
}

TEST(Placeholder, ItsWordIsWhatTheGrammarAllows) {
  for (const char* word : {"port", "params.pool_size", "file.a1"}) EXPECT_TRUE(is_word(word));
  for (const char* word : {"", "A", "params.pool-size", "a:b", "a}", "1", "a b"}) {
    EXPECT_FALSE(is_word(word)) << word;
  }
}

TEST(Placeholder, SaysWhichArgumentItTakes) {
  for (const char* good :
       {"{seq}", "{seq:1..3000}", "{random:0..0}", "{pick:ids.txt}", "{token}"}) {
    EXPECT_FALSE(refuse(good, TextPlace::kRequest, {"token"})) << good;
  }
  const auto message = [](std::string_view text) {
    const auto wrong = refuse(text, TextPlace::kRequest, {"token"});
    return wrong ? wrong->message : "";
  };
  EXPECT_EQ(message("{seq:x}"), "seq takes no argument, or whole numbers FROM..TO, found {seq:x}");
  EXPECT_EQ(message("{random}"), "random takes whole numbers FROM..TO, found {random}");
  EXPECT_EQ(message("{random:7..3}"), "random takes whole numbers FROM..TO, found {random:7..3}");
  EXPECT_EQ(message("{random:-1..3}"), "random takes whole numbers FROM..TO, found {random:-1..3}");
  EXPECT_EQ(message("{pick}"), "pick takes the name of a file, found {pick}");
  EXPECT_EQ(message("{token:1}"), "token takes no argument, found {token:1}");
  EXPECT_THAT(refuse("{tokn}", TextPlace::kRequest, {"token"})->next,
              AllOf(HasSubstr("did you mean {token}?"), HasSubstr("{seq}, {token};")));
}

TEST(Placeholder, IsFilledEachTime) {
  const WordValues values{{"port", "80"}, {"host", "{port}"}};
  EXPECT_EQ(fill("first {port} second {port}, {host}", values).value(),
            "first 80 second 80, {port}");
  EXPECT_EQ(fill("${port} {{port}} {\"a\": 1}", values).value(), "${port} {port} {\"a\": 1}");
  EXPECT_THAT(fill("{pghost}", values).error().message, HasSubstr("{pghost}"));
  EXPECT_TRUE(holds_word("--p={port}", "port"));
  EXPECT_FALSE(holds_word("--p={{port}}", "port"));
}

TEST(Placeholder, WhatIsKnownIsFilledAndTheRestStaysATemplate) {
  const WordValues values{{"token", "a{seq}b"}, {"x", "{{y}"}};
  EXPECT_EQ(fill_known("{token} {seq:1..3} {{nonce}} ${seq} {x}", values),
            "a{{seq}}b {seq:1..3} {{nonce}} ${seq} {{{y}}");
  for (const char* text :
       {"{seq}", "{{seq}}", "${seq}", "{\"a\": {seq}}", "{{{seq}}}", "plain {"}) {
    EXPECT_EQ(fill(escaped(text), {}).value_or("fails"), text);
  }
}

}  // namespace
}  // namespace poolbench::base
