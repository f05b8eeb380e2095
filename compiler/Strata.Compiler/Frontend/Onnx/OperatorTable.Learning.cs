using Strata.Compiler.Frontend.Onnx.Lowering;
using Strata.Operators;

namespace Strata.Compiler.Frontend.Onnx;

internal static partial class OperatorTable
{
    private static OnnxOperator[] LearningRows() =>
    [
        Custom("ArrayFeatureExtractor", 1, LearningLowering.ArrayFeatureExtractor, Learning),
        Custom("Binarizer", 1, LearningLowering.Binarizer, Learning),
        Direct("CastMap", 1, new CastMap(), Learning),
        Custom("CategoryMapper", 1, LearningLowering.CategoryMapper, Learning),
        Direct("DictVectorizer", 1, new DictVectorizer(), Learning),
        Custom("FeatureVectorizer", 1, LearningLowering.FeatureVectorizer, Learning),
        Custom("Imputer", 1, LearningLowering.Imputer, Learning),
        Custom("LabelEncoder", 4, LearningLowering.LabelEncoder, new LabelEncoder(), Learning),
        Custom("LabelEncoder", 2, LearningLowering.LabelEncoder, Learning),
        Custom("LabelEncoder", 1, LearningLowering.LabelEncoderOfPlaces, Learning),
        Custom("LinearClassifier", 1, LearningLowering.LinearClassifier, Learning),
        Custom("LinearRegressor", 1, LearningLowering.LinearRegressor, Learning),
        Custom("Normalizer", 1, LearningLowering.Normalizer, Learning),
        Custom("OneHotEncoder", 1, LearningLowering.OneHotEncoder, Learning),
        Direct("SVMClassifier", 1, new SvmClassifier(), Learning),
        Direct("SVMRegressor", 1, new SvmRegressor(), Learning),
        Custom("Scaler", 1, LearningLowering.Scaler, Learning),
        Custom("TreeEnsemble", 5, LearningLowering.Trees(new TreeEnsemble()), new TreeEnsemble(), Learning),
        Custom("TreeEnsembleClassifier", 1, LearningLowering.Trees(new TreeEnsembleClassifier()), new TreeEnsembleClassifier(), Learning),
        Custom("TreeEnsembleRegressor", 1, LearningLowering.Trees(new TreeEnsembleRegressor()), new TreeEnsembleRegressor(), Learning),
        Direct("ZipMap", 1, new ZipMap(), Learning),
    ];
}
