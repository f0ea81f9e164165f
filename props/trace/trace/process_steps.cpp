// What a process does: one function for each verb.
#include "trace/grammar.h"
#include "trace/print.h"

namespace cow::trace {
namespace {

struct Sentence {
  Line& line;
  Names& names;
  Draft& draft;
  Word verb;

  void place(Extent extent) {
    const Place place = take_place(line, extent);
    draft.step.region = names.region(place.region);
    draft.step.first = place.first;
    draft.step.last = place.last;
    draft.step.cell = place.cell;
  }
  // The canonical text of a range, for a step that is kept as text.
  [[nodiscard]] std::string range_words() const {
    const Step& s = draft.step;
    return place_text(names.table().regions[index(s.region)], s.first, s.last, 0);
  }
};

Region region_alone(Sentence& s) {
  Piece piece(s.line, s.line.word());
  const Region region = s.names.region(piece.lower_name("a region"));
  piece.finish("a region's name alone");
  s.line.take();
  return region;
}

void optional_prot(Sentence& s) {
  if (s.line.accept("ro")) s.draft.step.prot = Prot::ro;
  else s.line.accept("rw");
}

void map_file(Sentence& s) {
  Piece piece(s.line, s.line.word());
  if (!piece.accept("file:")) s.line.fail("anon or file:F");
  const Word at = s.line.word();
  const std::string_view name = piece.upper_name("a file");
  piece.finish("a blank after the file");
  const std::optional<File> file = s.names.file(name);
  if (!file) s.line.fail_at({name, at.column + 5}, "a file that a header line declares");
  s.line.take();
  s.draft.step.backing = Backing::file;
  s.draft.step.file = *file;
  s.draft.step.share = static_cast<Share>(take_one_of(s.line, kShareWords));
  s.draft.step.count = take_count(s.line);
  if (s.line.accept("at")) s.draft.step.at = take_number(s.line, kAnyNumber, "a page of the file");
  optional_prot(s);
}

void map_anon(Sentence& s) {
  s.draft.step.share = static_cast<Share>(take_one_of(s.line, kShareWords));
  s.draft.step.count = take_count(s.line);
  optional_prot(s);
  if (s.draft.step.share != Share::private_) return;
  s.draft.step.huge = s.line.accept("thp");
  if (!s.draft.step.huge) s.draft.step.hugetlb = s.line.accept("hugetlb");
}

void parse_map(Sentence& s) {
  s.draft.step.op = Op::map;
  s.draft.step.region = region_alone(s);
  if (s.line.accept("anon")) map_anon(s);
  else map_file(s);
}

void parse_unmap(Sentence& s) {
  s.draft.step.op = Op::unmap;
  s.place(Extent::range);
}

void parse_protect(Sentence& s) {
  s.draft.step.op = Op::protect;
  s.place(Extent::range);
  s.draft.step.prot = static_cast<Prot>(take_one_of(s.line, kProtWords));
}

void parse_advise(Sentence& s) {
  s.draft.step.op = Op::advise;
  s.place(Extent::range);
  const Word word = s.line.word();
  const std::size_t advice = take_one_of(s.line, kAdviceWords);
  if (advice < kModelledAdvice) {
    s.draft.step.advice = static_cast<Advice>(advice);
    return;
  }
  s.draft.feature = word;
  s.draft.text = "advise " + s.range_words() + " " + std::string(word.text);
}

void parse_fork(Sentence& s) {
  s.draft.step.op = Op::fork;
  s.draft.step.child = s.names.process(take_process(s.line));
}

void parse_exit(Sentence& s) { s.draft.step.op = Op::exit; }

void parse_read(Sentence& s) {
  s.draft.step.op = s.verb.text == "read" ? Op::read : Op::force_read;
  s.draft.reads = true;
  s.place(Extent::cell);
}

void parse_write(Sentence& s) {
  s.draft.step.op = s.verb.text == "write" ? Op::write : Op::force_write;
  s.place(Extent::cell);
  s.line.expect("=");
  s.draft.step.value = static_cast<std::uint8_t>(take_number(s.line, kByte, "a value"));
}

void parse_pin(Sentence& s) {
  s.draft.step.op = Op::pin;
  Piece piece(s.line, s.line.word());
  s.draft.step.ref = s.names.ref(piece.lower_name("a reference"));
  piece.finish("a reference's name alone");
  s.line.take();
  s.place(Extent::page);
  constexpr std::array<std::string_view, 2> kAccess = {"ro", "rw"};
  s.draft.step.prot = take_one_of(s.line, kAccess) == 0 ? Prot::ro : Prot::rw;
  if (s.line.accept("get")) s.draft.step.foll_pin = false;
  else s.line.accept("pin");
  s.draft.step.longterm = s.line.accept("long");
  s.draft.step.fast = s.line.accept("fast");
  if (!s.draft.step.fast) s.line.accept("slow");
}

void parse_remap(Sentence& s) {
  s.draft.step.op = Op::remap;
  s.place(Extent::range);
  s.draft.step.to = region_alone(s);
}

void parse_lock(Sentence& s) {
  s.draft.step.op = s.verb.text == "lock" ? Op::lock : Op::unlock;
  s.place(Extent::range);
}

void parse_uffd_wp(Sentence& s) {
  s.draft.step.op = Op::uffd_wp;
  s.place(Extent::range);
  s.draft.step.on = take_one_of(s.line, kSwitchWords) == 1;
}

using Parse = void (*)(Sentence&);
constexpr std::array<std::string_view, 15> kProcessVerbs = {
    "map",  "unmap", "protect", "remap", "lock",       "unlock",      "uffd-wp", "advise",
    "fork", "exit",  "read",    "write", "force-read", "force-write", "pin"};
constexpr std::array<Parse, kProcessVerbs.size()> kParse = {
    parse_map,  parse_unmap,   parse_protect, parse_remap, parse_lock,
    parse_lock, parse_uffd_wp, parse_advise,  parse_fork,  parse_exit,
    parse_read, parse_write,   parse_read,    parse_write, parse_pin};

}  // namespace

Draft parse_process_step(Line& line, Names& names, Pid actor) {
  Draft draft;
  draft.step.process = actor;
  const Word verb = line.word();
  Sentence sentence{line, names, draft, verb};
  const std::size_t which = take_one_of(line, kProcessVerbs);
  kParse[which](sentence);
  return draft;
}

}  // namespace cow::trace
