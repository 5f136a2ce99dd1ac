package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Says of a command that an agent wants to run whether it may, by what the command does.
 *
 * <p>A text for a shell is taken apart as the shell would: quotes, lists, pipes, substitutions,
 * here-documents. Programs that run another one are looked through ({@code sudo}, {@code env},
 * {@code xargs}, {@code find -exec}, {@code sh -c} and their like). What destroys in a container
 * asks, and so does what stands among the arguments of a program that is not known to run them.
 * Words that are only mentioned, in a message or a search, are no commands. What cannot be known
 * before it runs, a program in a variable, what a shell or an interpreter reads from its input,
 * code of another language in an argument, is a doubt, and doubt asks.
 *
 * <p>The rules keep an agent from accidents and carelessness. They are no wall against a program
 * that means harm: that is what a sandbox is for.
 *
 * @param rules in the order in which they are tried; the first that refuses decides, then the first
 *     that asks
 */
public record CommandRules(List<CommandRule> rules) {

  /** What is nested more deeply is a doubt. */
  static final int MOST_NESTED = 8;

  /** Of one program's arguments no more are looked at as the beginning of another command. */
  private static final int MOST_TAILS = 50;

  /** A longer text is a doubt. */
  static final int LONGEST = 100_000;

  /** Commands that destroy more than can be put back from a checkpoint. */
  public static final CommandRules DEFAULT =
      new CommandRules(
          List.of(
              CommandRule.deny("rm").with("r", "R", "recursive").with("f", "force"),
              CommandRule.deny("mkfs*"),
              CommandRule.deny("wipefs"),
              CommandRule.deny("dd").on("of=/dev/"),
              CommandRule.deny("shutdown"),
              CommandRule.deny("reboot"),
              CommandRule.deny("poweroff"),
              CommandRule.deny("halt"),
              CommandRule.ask("find").with("delete"),
              CommandRule.ask("shred"),
              CommandRule.ask("git", "push")
                  .with("f", "force", "force-with-lease", "delete", "mirror"),
              CommandRule.ask("git", "push").on("+"),
              CommandRule.ask("git", "push").on(":"),
              CommandRule.ask("git", "reset").with("hard"),
              CommandRule.ask("git", "clean").with("f", "force"),
              CommandRule.ask("git", "branch").with("D"),
              CommandRule.ask("git", "update-ref").with("d")));

  /** Keep the list as it is now. */
  public CommandRules {
    rules = List.copyOf(rules);
  }

  /** {@return whether this text may be handed to a shell} */
  public Verdict check(String shellText) {
    if (shellText.length() > LONGEST) {
      return doubt("it is longer than " + LONGEST + " characters");
    }
    Programs programs = new Programs();
    programs.take(shellText);
    return verdict(programs);
  }

  /** {@return whether this program may be run with these arguments, the program first} */
  public Verdict check(List<String> command) {
    if (command.isEmpty()) {
      return doubt("there is no program");
    }
    Programs programs = new Programs();
    programs.take(command);
    return verdict(programs);
  }

  private Verdict verdict(Programs programs) {
    Optional<String> refusing = first(programs, false);
    if (refusing.isPresent()) {
      return new Verdict.Refuse(
          Reason.GUARDRAIL_BLOCKED, "the command is a '" + refusing.get() + "'", false);
    }
    Optional<String> asking = first(programs, true).or(() -> inAContainer(programs));
    if (asking.isPresent()) {
      return new Verdict.Ask(
          Reason.GUARDRAIL_BLOCKED, "May the agent run a '" + asking.get() + "'?");
    }
    Optional<String> runByAnother = everything(programs).flatMap(this::amongArguments).findFirst();
    if (runByAnother.isPresent()) {
      return doubt("it may run a '" + runByAnother.get() + "' by way of another program");
    }
    if (everything(programs).anyMatch(this::mayBeMeant)) {
      return doubt("what a variable holds may make it another command");
    }
    return programs.doubt().map(CommandRules::doubt).orElseGet(Verdict::proceed);
  }

  private static Stream<Words> everything(Programs programs) {
    return Stream.concat(programs.all().stream(), programs.contained().stream());
  }

  /** Its own files are meant there, and no checkpoint has them either. */
  private Optional<String> inAContainer(Programs programs) {
    return rules.stream()
        .flatMap(rule -> programs.contained().stream().filter(rule::matches).map(rule::in))
        .findFirst();
  }

  /** A program that is not known may run the rest of its arguments. */
  private Stream<String> amongArguments(Words words) {
    List<String> all = words.all();
    return words.mayRunItsArguments()
        ? IntStream.range(1, all.size())
            .filter(at -> isNamed(Words.name(all.get(at))))
            .limit(MOST_TAILS)
            .mapToObj(at -> new Words(all.subList(at, all.size())))
            .flatMap(this::narrowly)
        : Stream.empty();
  }

  private boolean isNamed(String program) {
    return rules.stream().anyMatch(rule -> rule.program().equals(program));
  }

  /** A name alone may be any word. */
  private Stream<String> narrowly(Words words) {
    return rules.stream()
        .filter(rule -> rule.isNarrow() && rule.matches(words))
        .map(rule -> rule.in(words));
  }

  private boolean mayBeMeant(Words words) {
    return rules.stream().anyMatch(rule -> rule.mayMatch(words));
  }

  /** What the first rule that matches has found. */
  private Optional<String> first(Programs programs, boolean asks) {
    return rules.stream()
        .filter(rule -> rule.asks() == asks)
        .flatMap(rule -> programs.all().stream().filter(rule::matches).map(rule::in))
        .findFirst();
  }

  private static Verdict doubt(String why) {
    return new Verdict.Ask(
        Reason.GUARDRAIL_BLOCKED,
        "It is not clear what the command does: " + why + ". May it run?");
  }
}
