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

  /** Of what one command hands on no more texts are read; more are a doubt. */
  private static final int MOST_TEXTS = 50;

  private static final int MOST_READINGS = 5;

  /** What may stand before a text that is for a shell. */
  private static final String LEADS = "=:;!|,";

  /** A longer text is a doubt. */
  static final int LONGEST = 100_000;

  /** Commands that destroy more than can be put back from a checkpoint. */
  public static final CommandRules DEFAULT =
      new CommandRules(
          List.of(
              CommandRule.deny("rm")
                  .with("r", "R", "recursive", "Recurse")
                  .with("f", "force", "Force"),
              CommandRule.deny("ri").with("r", "R").with("f", "F"),
              CommandRule.deny("rd").on("/s"),
              CommandRule.deny("rd").on("/S"),
              CommandRule.ask("rmdir").on("/s"),
              CommandRule.ask("rmdir").on("/S"),
              CommandRule.ask("del").on("/s"),
              CommandRule.ask("del").on("/S"),
              CommandRule.deny("rimraf"),
              CommandRule.deny("remove-item").with("r", "R").with("f", "F"),
              CommandRule.deny("mkfs*"),
              CommandRule.deny("wipefs"),
              CommandRule.deny("dd").on("of=/dev/"),
              CommandRule.deny("shutdown"),
              CommandRule.deny("reboot"),
              CommandRule.deny("poweroff"),
              CommandRule.deny("halt"),
              CommandRule.deny("systemctl", "poweroff"),
              CommandRule.deny("systemctl", "reboot"),
              CommandRule.deny("systemctl", "halt"),
              CommandRule.deny("init", "0"),
              CommandRule.deny("init", "6"),
              CommandRule.ask("mv").on("/dev/"),
              CommandRule.ask("find").with("delete"),
              CommandRule.ask("shred"),
              CommandRule.ask("rsync")
                  .with(
                      "del",
                      "delete",
                      "delete-before",
                      "delete-during",
                      "delete-delay",
                      "delete-after",
                      "delete-excluded"),
              CommandRule.ask("crontab").with("r"),
              CommandRule.ask("git", "push")
                  .with("f", "force", "force-with-lease", "d", "delete", "mirror", "prune"),
              CommandRule.ask("git", "push").on("+"),
              CommandRule.ask("git", "push").on(":"),
              CommandRule.ask("git", "reset").with("hard"),
              CommandRule.ask("git", "clean").with("f", "force"),
              CommandRule.ask("git", "branch").with("D"),
              CommandRule.ask("git", "branch").with("d", "delete").with("f", "force"),
              CommandRule.ask("git", "checkout").with("f", "force"),
              CommandRule.ask("git", "switch").with("f", "force", "discard-changes"),
              CommandRule.ask("git", "stash", "clear"),
              CommandRule.ask("git", "stash", "drop"),
              CommandRule.ask("git", "worktree", "remove").with("f", "force"),
              CommandRule.ask("git", "filter-branch"),
              CommandRule.ask("git", "filter-repo"),
              CommandRule.ask("git", "reflog", "expire"),
              CommandRule.ask("git", "reflog", "delete"),
              CommandRule.ask("git", "prune"),
              CommandRule.ask("git", "gc").with("prune"),
              CommandRule.ask("git", "send-pack").with("f", "force", "mirror"),
              CommandRule.ask("git", "update-ref").with("d", "stdin"),
              CommandRule.ask("gh", "repo", "delete")));

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
    Optional<String> inText = this.inTexts(programs);
    if (inText.isPresent()) {
      return doubt("it hands on a text that is a '" + inText.get() + "'");
    }
    if (isMoreThanIsRead(programs)) {
      return doubt("it hands on more texts than are read");
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
            .filter(at -> isNamed(Words.name(valueOf(all.get(at)))))
            .limit(MOST_TAILS)
            .mapToObj(at -> new Words(beginning(valueOf(all.get(at)), all, at + 1)))
            .flatMap(this::narrowly)
        : Stream.empty();
  }

  /** A text that a program is handed, or a variable holds, may be meant for a shell. */
  private Optional<String> inTexts(Programs programs) {
    return programs.texts().stream()
        .filter(CommandRules::mayBeForAShell)
        .limit(MOST_TEXTS)
        .flatMap(CommandRules::readings)
        .flatMap(this::asText)
        .findFirst();
  }

  private static boolean mayBeForAShell(String text) {
    return text.indexOf(' ') > 0;
  }

  private static boolean isMoreThanIsRead(Programs programs) {
    return programs.texts().stream().filter(CommandRules::mayBeForAShell).count() > MOST_TEXTS;
  }

  /** The whole of it, and what stands behind what may lead to it, as {@code --exec=}. */
  private static Stream<String> readings(String text) {
    int blank = text.indexOf(' ');
    return Stream.concat(
        Stream.of(text),
        IntStream.range(0, blank)
            .filter(at -> LEADS.indexOf(text.charAt(at)) >= 0)
            .limit(MOST_READINGS)
            .mapToObj(at -> text.substring(at + 1)));
  }

  private Stream<String> asText(String text) {
    Programs inner = new Programs();
    inner.take(text);
    return everything(inner).flatMap(this::narrowly);
  }

  /** A program may be the value of an option, as in {@code --exec=rm}. */
  private static String valueOf(String word) {
    return word.startsWith("-") ? word.substring(word.indexOf('=') + 1) : word;
  }

  private static List<String> beginning(String program, List<String> words, int from) {
    return Stream.concat(Stream.of(program), words.stream().skip(from)).toList();
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
