package dev.maestro.engine;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * What is taken out of what somebody says about runs.
 *
 * @param names the secrets that their pipelines declare; what those are, the application tells,
 *     which may take as long as it likes
 * @param shapes whether what looks like a secret is taken out, too
 */
record Confidential(Set<String> names, boolean shapes) {

  Confidential {
    names = Set.copyOf(names);
  }

  /** {@return what is not to be told of this run} */
  static Confidential of(Live run) {
    return new Confidential(run.secretNames, run.hidesShapes());
  }

  /** {@return what is not to be told of any of these} */
  static Confidential ofAll(Collection<Live> runs) {
    Set<String> names = new HashSet<>();
    runs.forEach(run -> names.addAll(run.secretNames));
    return new Confidential(names, runs.stream().anyMatch(Live::hidesShapes));
  }

  /** {@return what is not to be told of either} */
  Confidential and(Confidential other) {
    Set<String> all = new HashSet<>(names);
    all.addAll(other.names);
    return new Confidential(all, shapes || other.shapes);
  }

  /** {@return whether the application has to be asked what is to be taken out} */
  boolean isAsked() {
    return !names.isEmpty();
  }
}
