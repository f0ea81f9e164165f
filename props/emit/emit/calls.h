// Steps and facts as C statements.
#pragma once

#include <map>
#include <string>

#include "emit/parts.h"
#include "emit/reduced.h"

namespace cow::emit {

// How a reference of the program came about, and to what.
struct Taken {
  bool by_ring = false;
  Slot of;
};

// Writes one statement after another, and remembers which parts they use.
class Calls {
 public:
  Calls(const trace::Trace& trace, bool complete) : trace_(trace), complete_(complete) {}

  void write(const Line& line);

  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const Parts& parts() const { return parts_; }
  [[nodiscard]] int tests() const { return tests_; }
  // The references that are io_uring's at some time.
  [[nodiscard]] const std::map<Ref, bool>& rings() const { return rings_; }

  void skip(const std::string& what, const std::string& why);

 private:
  void write_step(const Line& line, const trace::StepLine& step);
  void write_fact(const Line& line, const trace::Fact& fact);
  void statement(const std::string& text);
  // step("TEXT", PROCESS, ACTION, ARGS);
  void call(const std::string& text, const std::string& process, std::string_view action,
            const std::string& args);
  void wants(std::string_view part, const std::string& what_is_expected);
  void remember(const Step& step);

  const trace::Trace& trace_;
  bool complete_;
  std::string text_;
  Parts parts_;
  int tests_ = 0;
  std::map<Ref, Taken> taken_;
  std::map<Ref, bool> rings_;
};

// The names of the trace, as C enumerators: R_a, K_k, F_F.
std::string region_word(const trace::Trace& trace, Region region);
std::string ref_word(const trace::Trace& trace, Ref ref);
std::string file_word(const trace::Trace& trace, File file);

}  // namespace cow::emit
