package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A kind of command that an agent may not run, or not without being allowed to.
 *
 * <p>It is found by what the command does, not by how it is spelled: {@code rm -rf}, {@code rm
 * -fr}, {@code rm -r -f} and {@code rm --recursive --force} are one. All that is asked for must be
 * there.
 *
 * @param program the program's name without its folder; a {@code *} at the end stands for the rest
 * @param first the words that its arguments begin with, options left out, such as {@code push}
 * @param options for each entry, one of its spellings must be among the options: a single character
 *     is a short option, alone or in a cluster, anything longer a long one, maybe cut short
 * @param argument how one of its arguments begins; empty if that does not matter
 * @param asks whether a person may allow it; otherwise it is refused
 */
public record CommandRule(
    String program, List<String> first, List<Set<String>> options, String argument, boolean asks) {

  /** Check that there is a program. */
  public CommandRule {
    if (program.isBlank()) {
      throw new IllegalArgumentException("a command rule needs a program");
    }
    first = List.copyOf(first);
    options = options.stream().map(Set::copyOf).toList();
    Objects.requireNonNull(argument, "argument");
  }

  /** {@return a rule that refuses every use of a program} */
  public static CommandRule deny(String program, String... first) {
    return new CommandRule(program, List.of(first), List.of(), "", false);
  }

  /** {@return a rule that asks at every use of a program} */
  public static CommandRule ask(String program, String... first) {
    return new CommandRule(program, List.of(first), List.of(), "", true);
  }

  /** {@return the same rule for commands that also have this option, in one of its spellings} */
  public CommandRule with(String... spellings) {
    List<Set<String>> all = new ArrayList<>(options);
    all.add(Set.of(spellings));
    return new CommandRule(program, first, all, argument, asks);
  }

  /** {@return the same rule for commands one of whose arguments begins so} */
  public CommandRule on(String beginning) {
    return new CommandRule(program, first, options, beginning, asks);
  }

  boolean matches(Words words) {
    return words.isProgram(program)
        && words.beginsWith(first)
        && options.stream().allMatch(words::hasOption)
        && (argument.isEmpty() || words.hasArgument(argument));
  }

  /** {@return whether it asks for more than a program, whose name alone may be any word} */
  boolean isNarrow() {
    return !first.isEmpty() || !options.isEmpty() || !argument.isEmpty();
  }

  /** {@return whether it would match if variables held what is missing} */
  boolean mayMatch(Words words) {
    return words.isProgram(program)
        && words.mayBeginWith(first)
        && (words.mayHaveMoreOptions() || options.stream().allMatch(words::hasOption))
        && (argument.isEmpty() || words.mayHaveArgument(argument));
  }

  /** {@return what it has found in a command, for messages} */
  String in(Words words) {
    return told(one -> one.stream().filter(words::hasOption));
  }

  /** {@return what it is about, for messages} */
  @Override
  public String toString() {
    return told(Set::stream);
  }

  private String told(Function<Set<String>, Stream<String>> spellings) {
    StringBuilder all = new StringBuilder(program);
    first.forEach(word -> all.append(' ').append(word));
    options.forEach(one -> all.append(' ').append(spelling(spellings.apply(one))));
    return argument.isEmpty() ? all.toString() : all + " " + argument + "…";
  }

  private static String spelling(Stream<String> spellings) {
    String name = spellings.sorted().findFirst().orElse("");
    return (name.length() == 1 ? "-" : "--") + name;
  }
}
