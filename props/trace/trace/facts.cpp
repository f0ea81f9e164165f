// `assert` lines.
#include "trace/grammar.h"

namespace cow::trace {
namespace {

// The kinds that `rss` and `pages` count.
constexpr PageKind kRssKinds[] = {PageKind::anon, PageKind::file, PageKind::shmem, PageKind::swap};
constexpr PageKind kPagesKinds[] = {PageKind::anon, PageKind::file, PageKind::shmem, PageKind::ksm};

PageKind take_kind(Line& line, std::span<const PageKind> kinds) {
  std::vector<std::string_view> words;
  for (const PageKind kind : kinds) words.push_back(kKindWords[index_of(kind)]);
  return kinds[take_one_of(line, words)];
}

ElementReader reader_of(FactKind kind) {
  switch (kind) {
    case FactKind::value: return read_byte;
    case FactKind::writable:
    case FactKind::dirty:
    case FactKind::young:
    case FactKind::exclusive:
    case FactKind::huge: return read_no_yes;
    case FactKind::kind: return read_kind;
    default: return read_number;
  }
}

void parse_frames(Line& line, Names& names, Fact& fact) {
  fact.slot = take_where(line, names, Extent::page).slot;
  if (line.accept("!=")) fact.kind = FactKind::other_frame;
  else if (!line.accept("==")) line.fail("'==' or '!='");
  fact.other = take_where(line, names, Extent::page).slot;
}

// What the fact is about, up to the `=`.
void parse_subject(Line& line, Names& names, Fact& fact) {
  if (fact.kind == FactKind::rss) {
    fact.slot.process = names.process(take_process(line));
    fact.of_kind = take_kind(line, kRssKinds);
  } else if (fact.kind == FactKind::pages) {
    fact.of_kind = take_kind(line, kPagesKinds);
  } else {
    const Extent extent = fact.kind == FactKind::value ? Extent::cell : Extent::page;
    const Where where = take_where(line, names, extent);
    fact.slot = where.slot;
    fact.cell = where.cell;
  }
}

FactKind take_fact_kind(Line& line) {
  if (looks_like_process(line.word().text)) return FactKind::value;
  const Words words = Words(kFactWords).subspan(index_of(FactKind::other_frame));
  const std::optional<std::size_t> found = find_word(words, line.word().text);
  if (!found) line.fail("a page Pn.A, " + one_of(words));
  line.take();
  const auto kind = static_cast<FactKind>(*found + index_of(FactKind::other_frame));
  return kind == FactKind::other_frame ? FactKind::same_frame : kind;
}

}  // namespace

Where take_where(Line& line, Names& names, Extent extent) {
  Piece piece(line, line.word());
  const std::uint32_t process = piece.process();
  if (!piece.accept(".")) piece.fail("'.' and a region");
  const Place place = read_place(piece, extent);
  line.take();
  return {{names.process(process), names.region(place.region), place.first}, place.cell};
}

Fact parse_fact(Line& line, Names& names) {
  Fact fact;
  fact.at = {line.number(), line.word().column};
  line.expect("assert");
  fact.kind = take_fact_kind(line);
  if (fact.kind == FactKind::same_frame) {
    parse_frames(line, names, fact);
  } else {
    parse_subject(line, names, fact);
    line.expect("=");
    fact.wanted = parse_wanted(line, reader_of(fact.kind));
  }
  line.finish();
  return fact;
}

}  // namespace cow::trace
