/** The model, the pure core, the embedded engine, the stores and every SPI of Maestro. */
module dev.maestro.core {
  requires transitive com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.dataformat.yaml;
  requires com.github.benmanes.caffeine;
  requires java.xml;
  requires static transitive org.jspecify;
  requires org.slf4j;

  exports dev.maestro;
  exports dev.maestro.agent;
  exports dev.maestro.approval;
  exports dev.maestro.attempt;
  exports dev.maestro.failure;
  exports dev.maestro.gate;
  exports dev.maestro.graph;
  exports dev.maestro.hosted;
  exports dev.maestro.insight;
  exports dev.maestro.pipeline;
  exports dev.maestro.plan;
  exports dev.maestro.policy;
  exports dev.maestro.process;
  exports dev.maestro.run;
  exports dev.maestro.store;
  exports dev.maestro.task;
  exports dev.maestro.workspace;

  uses dev.maestro.agent.AgentProvider;
}
