/** The bodies of a submission, for the documentation: they are streamed, not validated by a schema. */
export const uploadBody = {
  content: {
    "multipart/form-data": {
      schema: {
        type: "object",
        required: ["file"],
        properties: {
          file: {
            type: "array",
            items: { type: "string", format: "binary" },
            description: "Files in any number, as parts of any name, each with its path inside the bundle as filename",
          },
          name: { type: "string", description: "Name of the bundle" },
        },
      },
    },
    "application/octet-stream": {
      schema: { type: "string", format: "binary", description: "One file, whatever its content type; its name stands in ?name=" },
    },
  },
};
