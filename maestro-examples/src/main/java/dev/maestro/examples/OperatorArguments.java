package dev.maestro.examples;

import dev.maestro.approval.Answer;
import dev.maestro.store.RunQuery;
import dev.maestro.task.Actor;
import dev.maestro.task.RunId;
import dev.maestro.task.RunKey;
import dev.maestro.task.RunStatus;
import dev.maestro.task.Tenant;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What was typed behind the name of {@link OperatorMain}.
 *
 * @param command the first word
 * @param words those that are no options
 * @param options what stands behind each option
 * @param labels what runs have to carry
 * @param json whether the answer is for programs
 */
record OperatorArguments(
    String command,
    List<String> words,
    Map<String, String> options,
    Map<String, String> labels,
    boolean json) {

  private static final List<String> OPTIONS =
      List.of("--tenant", "--state", "--pipeline", "--actor", "--seen", "--why");

  static OperatorArguments parse(List<String> args) {
    Deque<String> rest = new ArrayDeque<>(args);
    List<String> words = new ArrayList<>();
    Map<String, String> options = new HashMap<>();
    Map<String, String> labels = new HashMap<>();
    boolean json = false;
    while (!rest.isEmpty()) {
      String word = rest.pop();
      // further on it may be meant for somebody, in the words of an answer
      if (words.size() <= 1 && (word.equals("--help") || word.equals("-h"))) {
        return new OperatorArguments("help", List.of(), Map.of(), Map.of(), false);
      } else if (word.equals("--json")) {
        json = true;
      } else if (word.equals("--label")) {
        String[] label = value(word, rest).split("=", 2);
        if (label.length < 2) {
          throw new UsageException("--label needs NAME=VALUE");
        }
        labels.put(label[0], label[1]);
      } else if (OPTIONS.contains(word)) {
        options.put(word, value(word, rest));
      } else if (word.startsWith("--")) {
        throw new UsageException("there is no option " + word);
      } else {
        words.add(word);
      }
    }
    if (words.isEmpty()) {
      throw new UsageException("say what to do");
    }
    return new OperatorArguments(
        words.get(0), words.subList(1, words.size()), options, labels, json);
  }

  private static String value(String option, Deque<String> rest) {
    if (rest.isEmpty()) {
      throw new UsageException(option + " needs a value");
    }
    return rest.pop();
  }

  void requireWords(int count, String names) {
    if (words.size() != count) {
      throw new UsageException(command + " needs " + names);
    }
  }

  void requireAtLeast(int count, String names) {
    if (words.size() < count) {
      throw new UsageException(command + " needs " + names);
    }
  }

  /** {@return the words from this one on} */
  String text(int from) {
    return String.join(" ", words.subList(from, words.size()));
  }

  Actor actor() {
    String user = System.getProperty("user.name", "operator");
    return Actor.of(options.getOrDefault("--actor", user));
  }

  /** {@return what the third word and those behind it answer} */
  Answer answer() {
    String text = text(4);
    String word = words.get(3);
    Answer answer =
        switch (word) {
          case "yes" -> new Answer(Answer.Decision.APPROVE, text);
          case "no" -> Answer.reject(text);
          case "changes" -> Answer.changes(text);
          default -> throw new UsageException("an answer is yes, no or changes, not " + word);
        };
    return new Answer(answer.decision(), text, options.get("--seen"));
  }

  Path directory() {
    return Path.of(words.get(0));
  }

  RunKey run() {
    String tenant = options.getOrDefault("--tenant", Tenant.DEFAULT.value());
    return new RunKey(Tenant.of(tenant), RunId.of(words.get(1)));
  }

  /** {@return for what reason} */
  String why() {
    String why = options.get("--why");
    if (why == null) {
      throw new UsageException(command + " needs --why");
    }
    return why;
  }

  /** {@return which runs are asked for} */
  RunQuery query() {
    RunQuery query = RunQuery.all();
    if (options.containsKey("--tenant")) {
      query = query.tenant(Tenant.of(options.get("--tenant")));
    }
    if (options.containsKey("--state")) {
      query = query.state(state(options.get("--state")));
    }
    if (options.containsKey("--pipeline")) {
      query = query.pipeline(options.get("--pipeline"));
    }
    for (Map.Entry<String, String> label : labels.entrySet()) {
      query = query.label(label.getKey(), label.getValue());
    }
    return query;
  }

  /** An answer of no runs must not come of a typing error. */
  private static RunStatus state(String name) {
    return Stream.of(RunStatus.values())
        .filter(state -> state.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    "there is no state " + name + "; there are " + List.of(RunStatus.values())));
  }

  /** {@return the number of an attempt, if one is asked for} */
  OptionalInt attempt() {
    if (words.size() < 4) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseInt(words.get(3)));
    } catch (NumberFormatException e) {
      throw new UsageException("an attempt is a number, not " + words.get(3));
    }
  }
}
