#include "prove/smt2.h"

#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <stdexcept>

#include "prove/equal.h"

namespace cow::prove {

namespace {

// The sorts and functions that formulas use, each declared once, in order of first use.
class Declarations {
 public:
  void note(const z3::expr& e) {
    if (!seen_.emplace(e.id(), e).second) return;
    if (e.is_quantifier()) {
      const unsigned n = Z3_get_quantifier_num_bound(context(), e);
      for (unsigned v = 0; v < n; ++v)
        note(z3::sort(context(), Z3_get_quantifier_bound_sort(context(), e, v)));
      return note(e.body());
    }
    if (!e.is_app()) return;
    const z3::func_decl f = e.decl();
    if (f.decl_kind() == Z3_OP_UNINTERPRETED && functions_.insert(f.id()).second) {
      for (unsigned a = 0; a < f.arity(); ++a) note(f.domain(a));
      note(f.range());
      text_ += Z3_func_decl_to_string(context(), f);
      text_ += "\n";
    }
    for (unsigned a = 0; a < e.num_args(); ++a) note(e.arg(a));
  }
  const std::string& text() const { return text_; }

 private:
  void note(const z3::sort& s) {
    if (s.sort_kind() != Z3_UNINTERPRETED_SORT || !sorts_.insert(s.name().str()).second) return;
    text_ += fmt::format("(declare-sort {} 0)\n", s.name().str());
  }
  std::map<unsigned, z3::expr> seen_;
  std::set<unsigned> functions_;
  std::set<std::string> sorts_;
  std::string text_;
};

struct OpenScript {
  Script script;
  Declarations declarations;
  std::string body;

  void line(const char* command, const z3::expr& e) {
    declarations.note(e);
    body += fmt::format("({} {})\n", command, e.to_string());
  }
};

void finish(OpenScript& open, const std::filesystem::path& file, const char* logic,
            std::vector<Script>& written) {
  if (open.script.obligations.empty()) return;
  std::error_code made;
  std::filesystem::create_directories(file.parent_path(), made);
  if (made) throw std::runtime_error("cannot make the folder " + file.parent_path().string());
  open.script.file = file;
  std::ofstream out(open.script.file);
  out << "; every answer must be unsat\n(set-logic " << logic << ")\n"
      << open.declarations.text() << open.body;
  if (!out.flush()) throw std::runtime_error("cannot write " + open.script.file.string());
  written.push_back(std::move(open.script));
}

}  // namespace

std::vector<Script> write_smt2(const Rules& rules, const std::filesystem::path& folder) {
  std::vector<Script> written;
  World world(rules);
  auto open = std::make_unique<OpenScript>();
  std::string step;
  const auto close = [&] {
    finish(*open, folder / fmt::format("{}-{}.smt2", rules.name, step), "UFLIA", written);
  };
  for_each_path(world, [&](const PathTaken& taken) {
    if (taken.step != step) {
      close();
      open = std::make_unique<OpenScript>();
      step = taken.step;
      for (const Clause& c : taken.before) open->line("assert", for_all_values(c));
    }
    open->body += "(push 1)\n";
    for (const z3::expr& c : taken.path.conditions()) open->line("assert", c);
    for_each_goal(taken, [&](const Clause& goal, int at) {
      open->body +=
          fmt::format("; {} path {} clause {}\n(push 1)\n", step, taken.number, goal.name);
      open->line("assert", !goal.body);
      open->body += "(check-sat)\n(pop 1)\n";
      open->script.obligations.push_back(
          {std::string(rules.name), goal.name, step, taken.number, at, Answer::unknown, 0});
    });
    open->body += "(pop 1)\n";
  });
  close();
  return written;
}

std::vector<Script> write_equal_smt2(const Rules* rules, const std::filesystem::path& folder) {
  std::vector<Script> written;
  OpenScript open;
  for_each_question(rules, [&](const Question& q) {
    open.body += fmt::format("; {} clause {}\n(push 1)\n", q.obligation.step, q.obligation.clause);
    open.line("assert", q.differ);
    open.body += "(check-sat)\n(pop 1)\n";
    open.script.obligations.push_back(q.obligation);
  });
  const std::string rule(rules ? rules->name : "any");
  finish(open, folder / fmt::format("{}-equal.smt2", rule), "QF_BV", written);
  return written;
}

bool decide_with_cvc5(const Script& script, const std::function<void(const Obligation&)>& tell) {
  const std::string command =
      fmt::format("cvc5 --incremental --lang smt2 '{}' 2>/dev/null", script.file.string());
  const auto start = std::chrono::steady_clock::now();
  std::FILE* pipe = popen(command.c_str(), "r");
  if (!pipe) return false;
  std::vector<std::string> answers;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe)) answers.emplace_back(line.data());
  const bool ran = pclose(pipe) == 0;
  const std::chrono::duration<double, std::milli> ms = std::chrono::steady_clock::now() - start;
  const double each = ms.count() / static_cast<double>(script.obligations.size());
  for (std::size_t i = 0; i < script.obligations.size(); ++i) {
    Obligation o = script.obligations[i];
    o.milliseconds = each;
    if (i < answers.size() && answers[i] == "unsat\n") o.answer = Answer::proved;
    if (i < answers.size() && answers[i] == "sat\n") o.answer = Answer::refuted;
    tell(o);
  }
  return ran || !answers.empty();
}

}  // namespace cow::prove
